import { type Mark, markTtlMs } from './generation.ts';
import type { Store, StoredValue } from './store.ts';

export interface Reading {
  /** In the order of the keys that were asked for. */
  readonly values: readonly (StoredValue | undefined)[];
  /** `false` while the shared store cannot be reached and the values are this process's own. */
  readonly reachable: boolean;
  /** The store's revision before the read, if it has one. */
  readonly revision?: number | undefined;
}

/** What the guard reads and writes. Reads and records never fail; only a renewal may, because it must never be faked. */
export interface Ledger {
  /** Gives a promise only where there is something to wait for. */
  read(keys: readonly string[]): Promise<Reading> | Reading;
  record(key: string, value: StoredValue, ttlMs: number): Promise<void>;
  forget(key: string): Promise<void>;
  /** Whether nothing has been written since a reading of this revision. */
  isCurrent(revision: number | undefined): boolean;
  /** Gives a key its first mark, somewhere: best in the shared store, else in this process. */
  mint(key: string): Promise<void>;
  /** Gives a key a new mark. @returns whether the store that every process shares has confirmed it */
  renew(key: string): Promise<boolean>;
}

/**
 * Writes a mark, and when that is not confirmed another one: the first may still land later, and a mark that lands
 * twice could bring back what an upload in between has made wrong.
 */
export async function writeMark(store: Store, key: string, freshMark: () => Mark): Promise<boolean> {
  return (await confirmed(store, key, freshMark())) || (await confirmed(store, key, freshMark()));
}

async function confirmed(store: Store, key: string, mark: Mark): Promise<boolean> {
  try {
    return await store.set(key, mark, markTtlMs);
  } catch {
    return false;
  }
}

/** A ledger over a store that lives in this process and so is always there. */
export function localLedger(store: Store, freshMark: () => Mark): Ledger {
  return {
    read(keys) {
      const revision = store.revision?.();
      if (store.getManyNow !== undefined) return { values: store.getManyNow(keys), reachable: true, revision };
      return store.getMany(keys).then((values) => ({ values, reachable: true, revision }));
    },
    isCurrent: (revision) => revision !== undefined && revision === store.revision?.(),
    record: async (key, value, ttlMs) => void (await store.set(key, value, ttlMs)),
    forget: async (key) => void (await store.delete(key)),
    mint: async (key) => void (await writeMark(store, key, freshMark)),
    renew: (key) => writeMark(store, key, freshMark),
  };
}
