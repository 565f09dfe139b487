import { rm } from 'node:fs/promises';
import type { CachedBytes } from '@safelight/core';
import { type CachedFile, isIntact, openCachedFile } from './cached-file.ts';
import { derivativeFolder } from './derivative-folder.ts';
import { createTemporaryFile, type TemporaryFile } from './temporary-file.ts';
import { createUseIndex, onDisk } from './use-index.ts';

/** The files of all derivatives, with one bound for their bytes. */
export interface DerivativeDisk {
  /** Creates a file for a draft. It takes at most `maxBytes`. */
  createFile(): Promise<TemporaryFile>;
  /** Opens and checks a file, which counts as a use; `undefined` when it is absent or damaged. Never rejects. */
  open(name: string): Promise<CachedBytes | undefined>;
  /** Counts a use of bytes that the caller has in memory. */
  use(name: string): void;
  /**
   * Makes room for a file and gives it its name.
   * @throws {Error} when there is not enough room, or the disk reports an error
   */
  publish(file: TemporaryFile, name: string, fileBytes: number): Promise<void>;
  /** Removes a file. Never rejects. */
  remove(name: string): Promise<void>;
}

interface DerivativeDiskOptions {
  readonly maxBytes: number;
  /** Bodies up to this length are read into memory when they are opened. */
  readonly maxMemoryBytes: number;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  /** Is called when a file must not be used any more. */
  readonly onEvicted: (name: string) => void;
}

/** The share of the bound that one process writes before it scans again for what other processes have written. */
const maxUnseenShare = 0.05;
/** How many files that cannot be removed are skipped to make room for one new file. */
const maxUnremovable = 16;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the index of one directory; its functions are short.
export function createDerivativeDisk(root: string, options: DerivativeDiskOptions): DerivativeDisk {
  const { maxBytes, maxMemoryBytes, clock, onError, onEvicted } = options;
  const folder = derivativeFolder(root);
  const index = createUseIndex();
  const checks = new Map<string, Promise<boolean>>();
  const writing = new Set<string>();
  let writtenBytes = 0;
  let seenBytes: number | undefined;
  let scanning: Promise<void> | undefined;
  let publishing: Promise<unknown> = Promise.resolve();

  /** Compares the index with the directory. Calls during a scan share that scan. */
  function scan(): Promise<void> {
    scanning ??= scanOnce().finally(() => {
      scanning = undefined;
    });
    return scanning;
  }

  async function scanOnce(): Promise<void> {
    const writtenBefore = writtenBytes;
    const comparison = index.compare();
    await folder.scan(comparison.found);
    comparison.end();
    seenBytes = writtenBefore;
    await folder.sweep(clock(), writing).catch(onError);
    await makeRoom(0);
  }

  /** How much was written since the last scan, as a share of the bytes after which a new scan is needed. */
  function unseenShare(): number {
    return seenBytes === undefined
      ? Number.POSITIVE_INFINITY
      : (writtenBytes - seenBytes) / (maxBytes * maxUnseenShare);
  }

  /** Starts a scan at the first use, and later ones before they are needed, so that requests do not wait for them. */
  function scanSoon(): void {
    if (unseenShare() > 0.5) scan().catch(onError);
  }

  async function makeRoom(bytes: number): Promise<boolean> {
    const unremovable = new Set<string>();
    while (index.totalBytes + bytes > maxBytes && unremovable.size < maxUnremovable) {
      const name = index.oldest(unremovable);
      if (name === undefined) break;
      if (!(await tryRemove(name))) unremovable.add(name);
    }
    return index.totalBytes + bytes <= maxBytes;
  }

  /** @returns whether the file is removed; errors go to `onError` */
  async function tryRemove(name: string): Promise<boolean> {
    try {
      if (await folder.isReal(name)) await rm(folder.pathOf(name), { force: true });
    } catch (error) {
      onError(error);
      return false;
    }
    index.delete(name);
    onEvicted(name);
    return true;
  }

  async function publishNext(file: TemporaryFile, name: string, fileBytes: number): Promise<void> {
    scanSoon();
    if (unseenShare() > 1) await scan();
    if (!(await makeRoom(onDisk(fileBytes)))) {
      throw new Error(
        `A derivative of ${fileBytes} bytes does not fit under maxBytes (${maxBytes}), so it is not cached. Pass a larger maxBytes, and check that this process may remove files in ${root}.`,
      );
    }
    const usedAt = clock();
    await file.publish(usedAt, (path) => folder.moveIn(path, name));
    // The file counts as checked, because its bytes were hashed while they were written.
    index.add({ name, fileBytes, usedAt }, true);
    writtenBytes += onDisk(fileBytes);
  }

  function use(name: string): void {
    const now = clock();
    if (index.use(name, now)) folder.touch(name, now).catch(onError);
  }

  async function openChecked(name: string): Promise<CachedFile | 'absent' | 'otherFormat' | 'damaged'> {
    if (!(await folder.isReal(name))) return 'absent';
    const file = await openCachedFile(folder.pathOf(name), { name, maxMemoryBytes });
    if (typeof file === 'string' || index.isChecked(name)) return file;
    try {
      if (await hasIntactBytes(name, file.cached)) return file;
    } catch (error) {
      file.cached.release();
      throw error;
    }
    file.cached.release();
    return 'damaged';
  }

  /** Checks the bytes of a file. Calls during a check share that check. */
  function hasIntactBytes(name: string, cached: CachedBytes): Promise<boolean> {
    const check = checks.get(name) ?? isIntact(cached).finally(() => checks.delete(name));
    checks.set(name, check);
    return check;
  }

  return {
    use,
    async createFile() {
      const file = await createTemporaryFile(folder.temporary, { maxBytes, onClosed: () => writing.delete(file.name) });
      writing.add(file.name);
      return file;
    },
    async open(name) {
      scanSoon();
      try {
        const file = await openChecked(name);
        if (typeof file !== 'string') {
          if (!index.isChecked(name)) index.add({ name, ...file }, true);
          use(name);
          return file.cached;
        }
        // A file of another release counts as absent, but that release can use it. It stays until it is the oldest.
        if (file === 'otherFormat') return undefined;
        if (file === 'absent') index.delete(name);
        else if (await tryRemove(name))
          onError(
            new Error(
              `The derivative ${name} in ${root} was damaged and has been removed. It is made again at the next request.`,
            ),
          );
      } catch (error) {
        onError(error);
      }
      return undefined;
    },
    publish(file, name, fileBytes) {
      // One file after the other: otherwise two of them could count the same free room.
      const published = publishing.then(() => publishNext(file, name, fileBytes));
      publishing = published.catch(() => undefined);
      return published;
    },
    async remove(name) {
      await tryRemove(name);
    },
  };
}
