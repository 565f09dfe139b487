import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';

/**
 * Copies of immutable objects in a folder of this process, named by their random IDs. So no copy can be stale. The least
 * recently used ones are removed.
 */
export interface ByteCache {
  /** The path of a copy that is there. It is a use. */
  find(id: string, bytes: number): Promise<string | undefined>;
  /**
   * The path of a copy, which `load` writes when it is not there. Calls at the same time share one load.
   * @returns `undefined` when there is no room
   */
  fetch(id: string, bytes: number, load: (path: string) => Promise<void>): Promise<string | undefined>;
  /** Moves a complete file in. The file is removed when there is no room. Never rejects. */
  adopt(id: string, bytes: number, path: string): Promise<void>;
  remove(id: string): Promise<void>;
}

interface Copy {
  readonly bytes: number;
  usedAt: number;
}

export interface ByteCacheOptions {
  readonly directory: string;
  /** The folder of files that are not complete, in the same file system. */
  readonly temporary: string;
  readonly maxBytes: number;
  /** Returns epoch milliseconds. */
  readonly clock: () => number;
}

const namePattern = /^[0-9a-f]{32}$/;
/** A copy that was used in this time stays, because a handler may be about to open its path. */
const holdMs = 30_000;
/** How often a use is written to the disk, where only the next process needs it. */
const writeUseMs = 60_000;
/** A file that is not complete after this time was left by a killed process. */
const leftoverAgeMs = 24 * 60 * 60 * 1000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the index of one folder; its functions are short.
export function createByteCache({ directory, temporary, maxBytes, clock }: ByteCacheOptions): ByteCache {
  // It has the order and the sum. It must not evict by itself, because the file must be removed first.
  const copies = new LRUCache<string, Copy>({
    maxSize: Number.MAX_SAFE_INTEGER,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes),
  });
  const loads = new Map<string, Promise<string | undefined>>();
  let reserved = 0;
  let scanned: Promise<void> | undefined;
  const pathOf = (id: string): string => join(directory, id);

  /** Finds the copies of an earlier process, in the order of their last use. */
  async function scan(): Promise<void> {
    await mkdir(directory, { recursive: true });
    const found: (Copy & { readonly id: string })[] = [];
    for (const id of await readdir(directory)) {
      const stats = namePattern.test(id) ? await stat(pathOf(id)).catch(() => undefined) : undefined;
      if (stats?.isFile() === true) found.push({ id, bytes: stats.size, usedAt: stats.mtimeMs });
    }
    found.sort((a, b) => a.usedAt - b.usedAt);
    for (const { id, bytes, usedAt } of found) if (!copies.has(id)) copies.set(id, { bytes, usedAt });
    await removeLeftovers(temporary);
  }

  function ready(): Promise<void> {
    scanned ??= scan().catch((error: unknown) => {
      scanned = undefined;
      throw error;
    });
    return scanned;
  }

  async function find(id: string, bytes: number): Promise<string | undefined> {
    await ready();
    const copy = copies.get(id);
    if (copy === undefined) return undefined;
    const stats = await stat(pathOf(id)).catch(() => undefined);
    if (stats?.isFile() !== true || stats.size !== bytes) {
      copies.delete(id);
      await rm(pathOf(id), { force: true });
      return undefined;
    }
    const now = clock();
    if (Math.abs(now - copy.usedAt) > writeUseMs)
      await utimes(pathOf(id), now / 1000, now / 1000).catch(() => undefined);
    copy.usedAt = now;
    return pathOf(id);
  }

  /** Reserves room for a copy. The caller must release it. */
  async function reserve(bytes: number): Promise<boolean> {
    if (copies.calculatedSize + reserved + bytes > maxBytes) {
      for (const id of [...copies.rkeys()]) {
        const copy = copies.peek(id);
        if (copy === undefined || Math.abs(clock() - copy.usedAt) < holdMs) continue;
        copies.delete(id);
        await rm(pathOf(id), { force: true });
        if (copies.calculatedSize + reserved + bytes <= maxBytes) break;
      }
    }
    if (copies.calculatedSize + reserved + bytes > maxBytes) return false;
    reserved += bytes;
    return true;
  }

  async function moveIn(id: string, bytes: number, path: string): Promise<string> {
    await rename(path, pathOf(id));
    copies.set(id, { bytes, usedAt: clock() });
    return pathOf(id);
  }

  async function loadCopy(id: string, bytes: number, load: (path: string) => Promise<void>) {
    const found = await find(id, bytes);
    if (found !== undefined) return found;
    if (!(await reserve(bytes))) return undefined;
    await mkdir(temporary, { recursive: true });
    const path = join(temporary, `${id}.copy`);
    try {
      await load(path);
      return await moveIn(id, bytes, path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      reserved -= bytes;
    }
  }

  return {
    find,
    fetch(id, bytes, load) {
      const loading = loads.get(id) ?? loadCopy(id, bytes, load).finally(() => loads.delete(id));
      loads.set(id, loading);
      return loading;
    },
    async adopt(id, bytes, path) {
      try {
        await ready();
        if (await reserve(bytes)) await moveIn(id, bytes, path).finally(() => (reserved -= bytes));
      } catch {
        // Without the copy, the bytes are fetched again.
      }
      await rm(path, { force: true }).catch(() => undefined);
    },
    async remove(id) {
      await ready();
      copies.delete(id);
      await rm(pathOf(id), { force: true });
    },
  };
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const stats = await stat(join(directory, name)).catch(() => undefined);
    const isLeft = stats?.isFile() === true && Date.now() - stats.mtimeMs > leftoverAgeMs;
    if (isLeft) await rm(join(directory, name), { force: true }).catch(() => undefined);
  }
}
