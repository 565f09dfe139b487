import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Originals, PayloadTooLargeError, type ReceivedBytes } from '@safelight/core';

/**
 * Streams bytes into a new file in `directory`, which must exist. After an error, the file is removed. It is not fsynced:
 * only this process can publish it, so it has no use after a crash.
 *
 * @throws {PayloadTooLargeError} when more than `maxBytes` arrive
 * @throws {unknown} when the signal aborts: its reason, at once, also while the source is silent
 */
export async function receiveFile(
  directory: string,
  source: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: Parameters<Originals['receive']>[1],
): Promise<ReceivedBytes> {
  signal?.throwIfAborted();
  const localPath = join(directory, `${randomUUID()}.received`);
  const discard = (): Promise<void> => rm(localPath, { force: true });
  const md5 = createHash('md5');
  let bytes = 0;
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new PayloadTooLargeError(maxBytes);
      md5.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(untilAborted(source, signal), counted, createWriteStream(localPath, { flags: 'wx' }));
    // The abort may have ended the source.
    signal?.throwIfAborted();
  } catch (error) {
    await discard();
    throw signal?.aborted === true ? signal.reason : error;
  }
  return { bytes, etag: md5.digest('hex'), localPath, discard };
}

/** The chunks of a source; rejects at the abort, although the source may never settle. */
async function* untilAborted(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // The race below handles the rejection. Between two races it would be unhandled, which ends the process.
  aborted.catch(() => undefined);
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
}
