import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DraftSink } from '@safelight/core';
import type { SentFile } from './put-file.ts';

/** The bytes of a large derivative while it is made. The file is removed when it is closed. */
export interface SpoolFile extends DraftSink {
  /** The file, for sending it. */
  file(): SentFile;
}

export async function createSpoolFile(directory: string, maxBytes: number): Promise<SpoolFile> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${randomUUID()}.draft`);
  const handle = await open(path, 'wx+');
  const md5 = createHash('md5');
  let bytes = 0;
  return {
    async append(piece) {
      if (bytes + piece.byteLength > maxBytes) {
        throw new RangeError(
          `A derivative is larger than maxBytes (${maxBytes}): it is delivered, but not cached. Pass a larger maxBytes to cache it.`,
        );
      }
      await handle.writeFile(piece);
      md5.update(piece);
      bytes += piece.byteLength;
    },
    read: (start, end) => readSome(handle, start, end),
    file: () => ({ path, bytes, etag: md5.copy().digest('hex') }),
    async close() {
      await handle.close().catch(() => undefined);
      await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

/** Copies a file behind a frame. Only large derivatives with a long head need it. */
export async function createFramedFile(directory: string, frame: Buffer, path: string): Promise<SpoolFile> {
  const framed = await createSpoolFile(directory, Number.POSITIVE_INFINITY);
  try {
    await framed.append(frame);
    for await (const chunk of createReadStream(path)) await framed.append(chunk as Buffer);
    return framed;
  } catch (error) {
    await framed.close();
    throw error;
  }
}

async function readSome(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
  if (bytesRead === 0) throw new Error(`The draft of a derivative ends at ${start}, before ${end}: it was truncated.`);
  return buffer.subarray(0, bytesRead);
}
