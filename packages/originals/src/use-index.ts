import { LRUCache } from 'lru-cache';

/** A file of a derivative, as a scan of the directory finds it. */
export interface FoundFile {
  readonly name: string;
  readonly fileBytes: number;
  /** Its last use by its modification time, epoch milliseconds. */
  readonly usedAt: number;
}

/** The derivatives that this process knows to be on the disk, in the order of their last use. */
export interface UseIndex {
  /** The bytes of all files, in whole blocks of the disk. */
  readonly totalBytes: number;
  add(file: FoundFile, isChecked: boolean): void;
  /** Counts a use. @returns whether the caller should also write it to the disk */
  use(name: string, now: number): boolean;
  /** Whether this process has checked that the bytes are those that were stored. */
  isChecked(name: string): boolean;
  delete(name: string): void;
  /** The least recently used derivative that is not in `excluded`. */
  oldest(excluded: ReadonlySet<string>): string | undefined;
  /** Begins to compare the index with the disk. Only one comparison may run at a time. */
  compare(): Comparison;
}

/** A comparison of the index with the disk. Changes in the index after its start win over the found files. */
export interface Comparison {
  found(file: FoundFile): void;
  /** Removes the derivatives that were not found from the index, and adds the new ones. */
  end(): void;
}

interface UsedFile {
  readonly blockBytes: number;
  usedAt: number;
  /** When a use was last written to the disk. */
  writtenAt: number;
  isChecked: boolean;
  /** The last comparison that found the file. */
  foundIn: Comparison | undefined;
}

/** Within this time, at most one use is written to the disk, so that most hits cost no write. */
const useGranularityMs = 60_000;
/** The block of a usual disk. It also bounds the number of files, and so of entries. */
const blockBytes = 4096;

/** The bytes that a file takes on the disk. */
export function onDisk(fileBytes: number): number {
  return Math.max(1, Math.ceil(fileBytes / blockBytes)) * blockBytes;
}

export function createUseIndex(): UseIndex {
  // The LRUCache has the order and the sum. It must not evict by itself, because the file must be removed first.
  const entries = new LRUCache<string, UsedFile>({
    maxSize: Number.MAX_SAFE_INTEGER,
    sizeCalculation: ({ blockBytes }) => blockBytes,
  });
  let changed: Set<string> | undefined;

  function use(name: string, now: number): boolean {
    const entry = entries.get(name);
    if (entry === undefined) return false;
    entry.usedAt = now;
    // The absolute value, because the clock may have been set back.
    if (Math.abs(now - entry.writtenAt) < useGranularityMs) return false;
    entry.writtenAt = now;
    return true;
  }

  return {
    get totalBytes() {
      return entries.calculatedSize;
    },
    add(file, isChecked) {
      changed?.add(file.name);
      entries.set(file.name, { ...entryOf(file), isChecked });
    },
    use,
    isChecked: (name) => entries.peek(name)?.isChecked === true,
    delete(name) {
      changed?.add(name);
      entries.delete(name);
    },
    oldest(excluded) {
      for (const name of entries.rkeys()) if (!excluded.has(name)) return name;
      return undefined;
    },
    compare() {
      const changedSinceStart = new Set<string>();
      changed = changedSinceStart;
      const unknown: FoundFile[] = [];
      const comparison: Comparison = {
        found(file) {
          const entry = entries.peek(file.name);
          if (entry === undefined) unknown.push(file);
          else {
            entry.foundIn = comparison;
            // Another process has used it.
            if (file.usedAt > entry.usedAt) use(file.name, file.usedAt);
          }
        },
        end() {
          changed = undefined;
          for (const [name, entry] of [...entries]) {
            if (entry.foundIn !== comparison && !changedSinceStart.has(name)) entries.delete(name);
          }
          unknown.sort((a, b) => a.usedAt - b.usedAt);
          for (const file of unknown) if (!changedSinceStart.has(file.name)) entries.set(file.name, entryOf(file));
          for (const name of changedSinceStart) entries.get(name);
        },
      };
      return comparison;
    },
  };
}

function entryOf({ fileBytes, usedAt }: FoundFile): UsedFile {
  return { blockBytes: onDisk(fileBytes), usedAt, writtenAt: usedAt, isChecked: false, foundIn: undefined };
}
