import { randomUUID } from 'node:crypto';
import { lstat, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UploadName, UploadsInUse } from '@safelight/core';
import { isSystemError, namesInside, removeLeftover } from './durable-file.ts';

/** How often a process says that it still uses an upload. */
const beatMs = 1_000;
/** A mark without a beat for this time was left by a process that has ended. */
const markLifeMs = 5_000;
/** A mark that is older than this is removed. */
const leftoverMs = 60_000;

const markName = /^([0-9a-f]{64})-([0-9a-f]{16})-[0-9a-f-]{36}$/;

/**
 * Marks uploads in use by empty files in `directory`, which is below `root`. The time of a mark is that of the system, since
 * other processes compare it.
 */
export function uploadsInUse(root: string, directory: string): UploadsInUse {
  return {
    async begin({ key, sender }: UploadName) {
      const mark = join(directory, `${key}-${sender}-${randomUUID()}`);
      await writeMark(root, directory, mark);
      const beating = setInterval(() => {
        const now = new Date();
        utimes(mark, now, now).catch(() => undefined);
      }, beatMs).unref();
      return async function end() {
        clearInterval(beating);
        await removeLeftover(mark);
      };
    },

    async list() {
      const found = new Map<string, UploadName>();
      for (const name of await namesInside(root, directory)) {
        const [, key, sender] = markName.exec(name) ?? [];
        const ageMs = await ageOf(join(directory, name));
        if (ageMs === undefined) continue;
        if (ageMs > leftoverMs) await removeLeftover(join(directory, name));
        if (key === undefined || sender === undefined || ageMs > markLifeMs) continue;
        found.set(`${key}${sender}`, { key, sender });
      }
      return [...found.values()];
    },
  };
}

async function writeMark(root: string, directory: string, mark: string): Promise<void> {
  try {
    await writeFile(mark, '', { flag: 'wx' });
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    await mkdir(directory, { recursive: true });
    // Nothing is written through a symbolic link.
    await namesInside(root, directory);
    await writeFile(mark, '', { flag: 'wx' });
  }
}

async function ageOf(path: string): Promise<number | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats && Date.now() - stats.mtimeMs;
}
