import { lstat, lutimes, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, removeLeftover } from './durable-file.ts';
import { isTemporaryName } from './temporary-file.ts';
import type { FoundFile } from './use-index.ts';

/** The directory of derivatives: `ab/<30 hex digits>` is the file named `ab<30 hex digits>`, and `tmp` has the drafts. */
export interface DerivativeFolder {
  /** The path of `tmp`. */
  readonly temporary: string;
  pathOf(name: string): string;
  /** Whether the folder of this name is a real folder. A symbolic link in its place is not followed. */
  isReal(name: string): Promise<boolean>;
  /** Moves a file of the same file system to its name, atomically. */
  moveIn(path: string, name: string): Promise<void>;
  /** Writes the time of a use to the file. Does nothing when the file was removed. */
  touch(name: string, usedAt: number): Promise<void>;
  /** Calls back for each derivative in the directory. */
  scan(onFound: (file: FoundFile) => void): Promise<void>;
  /** Removes drafts that killed processes have left, but not the drafts in `own`. */
  sweep(nowMs: number, own: ReadonlySet<string>): Promise<void>;
}

const namePattern = /^[0-9a-f]{32}$/;
const prefixPattern = /^[0-9a-f]{2}$/;
/** A draft that was not written for this time was left by a killed process. */
const leftoverAgeMs = 60 * 60 * 1000;
/** Small, so that deliveries do not wait for a scan in Node's four threads. */
const maxConcurrentStats = 8;

/** Whether a value can be the name of a derivative. Such a name never leads out of the directory. */
export function isDerivativeName(name: unknown): name is string {
  return typeof name === 'string' && namePattern.test(name);
}

export function derivativeFolder(root: string): DerivativeFolder {
  const temporary = join(root, 'tmp');
  const real = new Set<string>();
  const folderOf = (name: string): string => join(root, name.slice(0, 2));
  const pathOf = (name: string): string => join(folderOf(name), name.slice(2));

  async function isReal(name: string): Promise<boolean> {
    const folder = folderOf(name);
    if (real.has(folder)) return true;
    const stats = await lstatOf(folder);
    if (stats?.isDirectory() !== true) return false;
    real.add(folder);
    return true;
  }

  async function moveIn(path: string, name: string): Promise<void> {
    await makeReal(name);
    try {
      await rename(path, pathOf(name));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      // The directory was emptied after the folder was made.
      real.delete(folderOf(name));
      await makeReal(name);
      await rename(path, pathOf(name));
    }
  }

  async function makeReal(name: string): Promise<void> {
    if (await isReal(name)) return;
    await mkdir(folderOf(name), { recursive: true });
    if (await isReal(name)) return;
    throw new Error(
      `${folderOf(name)} is not a real folder: symbolic links inside the directory of derivatives are not followed. Remove the link.`,
    );
  }

  async function touch(name: string, usedAt: number): Promise<void> {
    try {
      await lutimes(pathOf(name), usedAt / 1000, usedAt / 1000);
    } catch (error) {
      // The next scan will notice that the file is missing.
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }

  async function scan(onFound: (file: FoundFile) => void): Promise<void> {
    for (const prefix of (await namesIn(root)).filter((name) => prefixPattern.test(name))) {
      if (!(await isReal(prefix))) continue;
      const names = (await namesIn(join(root, prefix))).map((rest) => prefix + rest).filter(isDerivativeName);
      for (let at = 0; at < names.length; at += maxConcurrentStats) {
        for (const file of await Promise.all(names.slice(at, at + maxConcurrentStats).map(foundFile))) {
          if (file !== undefined) onFound(file);
        }
      }
    }
  }

  async function foundFile(name: string): Promise<FoundFile | undefined> {
    const stats = await lstatOf(pathOf(name));
    return stats?.isFile() === true ? { name, fileBytes: stats.size, usedAt: Math.round(stats.mtimeMs) } : undefined;
  }

  async function sweep(nowMs: number, own: ReadonlySet<string>): Promise<void> {
    // Through a symbolic link, the sweep would remove files outside the directory.
    if ((await lstatOf(temporary))?.isDirectory() !== true) return;
    for (const name of await namesIn(temporary)) {
      if (!isTemporaryName(name) || own.has(name)) continue;
      const path = join(temporary, name);
      const stats = await lstatOf(path);
      if (stats?.isFile() === true && nowMs - stats.mtimeMs > leftoverAgeMs) await removeLeftover(path);
    }
  }

  return { temporary, pathOf, isReal, moveIn, touch, scan, sweep };
}

async function lstatOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    // The directory does not exist yet, or another process is emptying it.
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
