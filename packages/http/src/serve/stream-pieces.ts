import type { ServerResponse } from 'node:http';
import { addAbortSignal, pipeline } from 'node:stream';
import type { BodyPiece } from './multipart-ranges.ts';
import type { Representation } from './representation.ts';

/**
 * Sends pieces as fast as the client takes them, with one open source at a time, and then releases the representation.
 * The headers were already sent. So when a source breaks off, or has another length than announced, the connection is
 * destroyed: otherwise the client would take the body for complete, or the next response for a part of this one.
 *
 * @param onError - gets the errors of sources; a client that disconnects is not an error
 */
export function streamPieces(
  res: ServerResponse,
  pieces: readonly BodyPiece[],
  representation: Representation,
  onError: (error: unknown) => void,
): void {
  // Without the signal, a source that hangs would stay open after the client has disconnected.
  const disconnected = new AbortController();
  const { signal } = disconnected;
  if (res.closed) disconnected.abort();
  else res.once('close', () => disconnected.abort());
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
          throw new Error(`read(${start}, ${end}) gave ${missing < 0 ? 'more' : 'fewer'} than ${end - start} bytes.`);
      } catch (error) {
        if (!signal.aborted) onError(error);
        throw error;
      }
    }
  }
  pipeline(content, res, () => representation.release());
}
