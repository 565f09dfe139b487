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
   * Writes when it was last used (epoch ms) and lets `moveIn` give it its name. It can be read as before; without this,
   * closing removes it.
   */
  publish(usedAt: number, moveIn: (path: string) => Promise<void>): Promise<void>;
}

const suffix = '.draft';

export function isTemporaryName(name: string): boolean {
  return name.endsWith(suffix);
}

interface TemporaryFileOptions {
  /** More than this is refused. */
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
          `A derivative is larger than maxBytes (${maxBytes}): it is delivered, but not kept. Pass a larger maxBytes if it should be.`,
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
