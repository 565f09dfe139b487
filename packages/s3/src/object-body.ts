import type { Readable } from 'node:stream';

/**
 * The chunks of a response's body, as they arrive. Only the time in which the reader waits counts as silence: a slow reader
 * does not break the connection. The connection is closed when the reader stops early.
 *
 * @param bytes - how many bytes must arrive
 * @throws {Error} when nothing arrives for `idleMs`, or fewer or more bytes arrive than expected
 */
export async function* chunksOfBody(
  body: Readable,
  { bytes, idleMs, what }: { readonly bytes: number; readonly idleMs: number; readonly what: string },
): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let received = 0;
  try {
    for (;;) {
      const timer = setTimeout(
        () => body.destroy(new Error(`${what}: the body stopped after ${received} bytes, for ${idleMs} ms.`)),
        idleMs,
      );
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done === true) break;
      received += next.value.length;
      yield next.value;
    }
    if (received !== bytes) throw new Error(`${what}: ${received} bytes arrived, of ${bytes}.`);
  } finally {
    body.destroy();
  }
}
