import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api-error.ts';

export interface IncomingBytesOptions {
  /** A longer body is refused. */
  readonly maxBytes: number;
  readonly tooLarge: () => ApiError;
  /** How long the body may wait for 8 KiB more, in milliseconds. */
  readonly maxIdleMs: number;
}

const minBytes = 8_192;

/**
 * The bytes of a body, in the order of their arrival. The connection stays open when the reader stops, so that the client
 * gets the response. Only the time in which this server waits for the client is counted.
 *
 * @throws {ApiError} 413 when the body is too large, 408 when it arrives too slowly
 */
export async function* incomingBytes(
  req: IncomingMessage,
  { maxBytes, tooLarge, maxIdleMs }: IncomingBytesOptions,
): AsyncGenerator<Uint8Array, void> {
  const chunks: AsyncIterator<Buffer> = req.iterator({ destroyOnReturn: false });
  let bytes = 0;
  let newBytes = 0;
  let waitedMs = 0;
  try {
    for (;;) {
      const askedAt = performance.now();
      const next = await within(chunks.next(), maxIdleMs - waitedMs, () => tooSlow(maxIdleMs));
      if (next.done === true) return;
      waitedMs += performance.now() - askedAt;
      bytes += next.value.length;
      newBytes += next.value.length;
      if (bytes > maxBytes) throw tooLarge();
      if (newBytes >= minBytes) [newBytes, waitedMs] = [0, 0];
      yield next.value;
    }
  } finally {
    // A waiting `next` ends only with more bytes, or with the connection.
    void chunks.return?.();
  }
}

function within<T>(promise: Promise<T>, ms: number, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error()), Math.max(0, ms));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function tooSlow(maxIdleMs: number): ApiError {
  return new ApiError(
    408,
    `The body arrives too slowly: less than ${minBytes} bytes in ${maxIdleMs} ms. Send the file again, in smaller parts.`,
    { connection: 'close' },
  );
}
