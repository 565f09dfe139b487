import type { AssetIndex, DerivedEntry } from '@safelight/core';

/** Writes down which derivatives are cached, after the response. */
export interface DerivedJournal {
  add(entry: DerivedEntry): void;
}

/** The most entries that wait. More are dropped: then they are missing in lists, and nothing else happens. */
const maxWaiting = 10_000;

/** Writes entries in batches: while one is being written, the next ones wait together. */
export function createDerivedJournal(index: AssetIndex, onError: (error: unknown) => void): DerivedJournal {
  let waiting: DerivedEntry[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await index.addDerived(batch).catch(onError);
    }
    isWriting = false;
  }

  return {
    add(entry) {
      if (waiting.length < maxWaiting) waiting.push(entry);
      if (!isWriting) void write();
    },
  };
}
