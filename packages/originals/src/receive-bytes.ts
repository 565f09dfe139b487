import { createHash, randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PayloadTooLargeError, type ReceivedBytes } from '@safelight/core';

/**
 * Streams bytes into a new file in `directory`, which must exist, and makes them durable.
 * After an error, the file is removed.
 *
 * @throws {PayloadTooLargeError} when more than `maxBytes` arrive
 * @throws {unknown} when the signal aborts: its reason, at once, also while the source is silent
 */
export async function receiveBytes(
  directory: string,
  source: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<ReceivedBytes> {
  signal?.throwIfAborted();
  const localPath = join(directory, `${randomUUID()}.bytes`);
  const discard = (): Promise<void> => rm(localPath, { force: true });
  const md5 = createHash('md5');
  let bytes = 0;
  const handle = await open(localPath, 'wx');
  try {
    try {
      for await (const chunk of untilAborted(source, signal)) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw new PayloadTooLargeError(maxBytes);
        md5.update(chunk);
        await handle.writeFile(chunk);
      }
      // The abort may have ended the source.
      signal?.throwIfAborted();
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { bytes, etag: md5.digest('hex'), localPath, discard };
}

async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
  });
  // The race below handles a rejection. Between two races it would be unhandled and end the process.
  aborted.catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Do not await this: for a silent source it may never settle.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
