import { LRUCache } from 'lru-cache';

/** A file of a derivative, as a scan of the directory finds it. */
export interface FoundFile {
  readonly name: string;
  readonly fileBytes: number;
  /** Its last use as far as the disk knows, epoch ms. */
  readonly usedAt: number;
}

/** Which derivatives lie on disk, as far as is known, in the order of their last use. */
export interface UseIndex {
  /** What all of them take, in whole blocks of the disk. */
  readonly totalBytes: number;
  add(file: FoundFile, isChecked: boolean): void;
  /** Counts a use. @returns whether the disk should be told as well */
  use(name: string, now: number): boolean;
  /** Whether this process knows that the bytes are the ones that were kept. */
  isChecked(name: string): boolean;
  delete(name: string): void;
  /** The least recently used one that is not among `others`. */
  oldest(others: ReadonlySet<string>): string | undefined;
  /** Compares it with what is found on disk; there is one comparison at a time. */
  compare(): Comparison;
}

/** Changes in the index after the start of the comparison win over what is found on disk. */
export interface Comparison {
  found(file: FoundFile): void;
  /** Removes from the index what was not found. */
  end(): void;
}

interface UsedFile {
  readonly blockBytes: number;
  usedAt: number;
  /** When the disk was last told of a use. */
  writtenAt: number;
  isChecked: boolean;
  /** The last comparison that has found it. */
  foundIn: Comparison | undefined;
}

/** Uses within this time are written to the disk once, so that not every hit costs a write. */
const useGranularityMs = 60_000;
/** The smallest thing that a disk stores; it also bounds how many files, and so entries, there can be. */
const blockBytes = 4096;

/** What a file takes on disk. */
export function onDisk(fileBytes: number): number {
  return Math.max(1, Math.ceil(fileBytes / blockBytes)) * blockBytes;
}

export function createUseIndex(): UseIndex {
  // It holds the order and the sum. It evicts nothing by itself: the file must be removed first.
  const entries = new LRUCache<string, UsedFile>({
    maxSize: Number.MAX_SAFE_INTEGER,
    sizeCalculation: ({ blockBytes }) => blockBytes,
  });
  let changed: Set<string> | undefined;

  function use(name: string, now: number): boolean {
    const entry = entries.get(name);
    if (entry === undefined) return false;
    entry.usedAt = now;
    // Also when the clock was set back.
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
    oldest(others) {
      for (const name of entries.rkeys()) if (!others.has(name)) return name;
      return undefined;
    },
    compare() {
      const since = new Set<string>();
      changed = since;
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
            if (entry.foundIn !== comparison && !since.has(name)) entries.delete(name);
          }
          unknown.sort((one, other) => one.usedAt - other.usedAt);
          for (const file of unknown) if (!since.has(file.name)) entries.set(file.name, entryOf(file));
          for (const name of since) entries.get(name);
        },
      };
      return comparison;
    },
  };
}

function entryOf({ fileBytes, usedAt }: FoundFile): UsedFile {
  return { blockBytes: onDisk(fileBytes), usedAt, writtenAt: usedAt, isChecked: false, foundIn: undefined };
}
