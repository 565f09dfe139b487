import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DraftSink } from '@safelight/core';
import { isSystemError, removeLeftover } from './durable-file.ts';
import { readRange } from './read-range.ts';

/** A derivative that is being written and read, under a random name. */
export interface TemporaryFile extends DraftSink {
  readonly name: string;
  /**
   * Writes the time of the last use (epoch milliseconds), and lets `moveIn` give the file its name. The file can still be
   * read. A file that was not published is removed by `close`.
   */
  publish(usedAt: number, moveIn: (path: string) => Promise<void>): Promise<void>;
}

const suffix = '.draft';

export function isTemporaryName(name: string): boolean {
  return name.endsWith(suffix);
}

interface TemporaryFileOptions {
  /** A file that becomes larger is refused. */
  readonly maxBytes: number;
  readonly onClosed: () => void;
}

export async function createTemporaryFile(
  directory: string,
  { maxBytes, onClosed }: TemporaryFileOptions,
): Promise<TemporaryFile> {
  const name = `${randomUUID()}${suffix}`;
  const path = join(directory, name);
  const handle = await openNew(path, directory);
  let bytes = 0;
  let isPublished = false;
  return {
    name,
    async append(piece) {
      bytes += piece.byteLength;
      if (bytes > maxBytes) {
        throw new RangeError(
          `A derivative is larger than maxBytes (${maxBytes}): it is delivered, but not cached. Pass a larger maxBytes to cache it.`,
        );
      }
      await handle.writeFile(piece);
    },
    read: (start, end) => readRange(handle, start, end),
    async publish(usedAt, moveIn) {
      await handle.utimes(usedAt / 1000, usedAt / 1000);
      await moveIn(path);
      isPublished = true;
    },
    async close() {
      await handle.close().catch(() => undefined);
      if (!isPublished) await removeLeftover(path);
      onClosed();
    },
  };
}

async function openNew(path: string, directory: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx+');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    await mkdir(directory, { recursive: true });
    return open(path, 'wx+');
  }
}
