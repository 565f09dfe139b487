import type { ServerResponse } from 'node:http';
import { addAbortSignal, pipeline } from 'node:stream';
import type { BodyPiece } from './multipart-ranges.ts';
import type { Representation } from './representation.ts';

/**
 * Sends pieces as fast as the client takes them, one open source at a time, then releases the representation. The
 * status line was already sent. So when a source breaks off, or its length is not the announced one, the connection is
 * destroyed: otherwise the client would take the body for complete, or the next response for a part of it.
 * @param onError - gets the errors of sources; a client that disconnects is not an error
 */
export function streamPieces(
  res: ServerResponse,
  pieces: readonly BodyPiece[],
  representation: Representation,
  onError: (error: unknown) => void,
): void {
  // Otherwise a source that hangs would stay open after the client has disconnected.
  const left = new AbortController();
  const { signal } = left;
  if (res.closed) left.abort();
  else res.once('close', () => left.abort());
  async function* content(): AsyncGenerator<Buffer> {
    for (const piece of pieces) {
      if (Buffer.isBuffer(piece)) {
        yield piece;
        continue;
      }
      const { start, end } = piece;
      if (representation.body !== undefined) {
        yield representation.body.subarray(start, end);
        continue;
      }
      try {
        let missing = end - start;
        for await (const chunk of addAbortSignal(signal, representation.read(start, end))) {
          missing -= (chunk as Buffer).length;
          if (missing < 0) break;
          yield chunk as Buffer;
        }
        if (missing !== 0)
          throw new Error(`Bytes ${start} to ${end - 1} were ${missing < 0 ? 'more' : 'fewer'} than that`);
      } catch (error) {
        if (!signal.aborted) onError(error);
        throw error;
      }
    }
  }
  pipeline(content, res, () => representation.release());
}
