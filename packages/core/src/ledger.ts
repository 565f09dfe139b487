import { randomBytes } from 'node:crypto';
import type { Store, StoredValue } from './store.ts';

/**
 * One value of an asset's generation: opaque, 128 fresh random bits, written to a store at most once. Marks are only
 * ever compared for equality, so no store, clock or process has to agree on an order.
 */
export type Mark = string;

const markBytes = 16;
const marksPerRefill = 256;

/** A source of marks that asks the operating system for randomness in blocks, since a mark is made per new asset. */
export function createMarkSource(): () => Mark {
  let block = Buffer.alloc(0);
  let offset = 0;
  return function freshMark() {
    if (offset === block.length) {
      block = randomBytes(markBytes * marksPerRefill);
      offset = 0;
    }
    const mark = block.toString('base64url', offset, offset + markBytes);
    offset += markBytes;
    return mark;
  };
}

/** How long an idle asset's mark is kept; a mark that is gone forgets its asset, which is safe and costs one run. */
export const markTtlMs: number = 30 * 24 * 60 * 60 * 1000;

/** What values found under these marks are stamped with: it matches only while every asset's generation stands. */
export function stampOf(marks: readonly Mark[]): string {
  return marks.join(' ');
}

export interface Reading {
  /** In the order of the keys that were asked for. */
  readonly values: readonly (StoredValue | undefined)[];
  /** `false` while the shared store cannot be reached and the values are this process's own. */
  readonly reachable: boolean;
  /** The store's revision before the read, if it has one. */
  readonly revision?: number | undefined;
  /** What stands for every mark that is absent; where nothing does, one has to be minted. */
  readonly absentMark?: string | undefined;
}

/**
 * What the guard reads and writes. Reads and records never fail. A renewal may: the caller must know that it failed.
 */
export interface Ledger {
  read(keys: readonly string[]): Promise<Reading>;
  /** Where the store lives in this process: its own reading without a promise. */
  readonly readNow: Store['getManyNow'];
  /** Changes with each write, where the store lives in this process and so sees them all. */
  readonly revision: Store['revision'];
  /** What stands for every mark that is absent, where the store has that. Goes with `readNow`. */
  readonly absentMark: Store['absentMark'];
  record(key: string, value: StoredValue, ttlMs: number): Promise<void>;
  forget(key: string): Promise<void>;
  /** Gives a key its first mark: in the shared store if that is available, else in this process. */
  mint(key: string): Promise<void>;
  /** Gives a key a new mark. @returns whether the store that every process shares has confirmed it */
  renew(key: string): Promise<boolean>;
}

/**
 * Writes a mark, and when that is not confirmed another one: the first may still land later, and a mark that lands
 * twice could bring back what an upload in between has made wrong.
 */
async function writeMark(store: Store, key: string, freshMark: () => Mark, ttlMs: number): Promise<boolean> {
  return (await confirmed(store, key, freshMark(), ttlMs)) || (await confirmed(store, key, freshMark(), ttlMs));
}

async function confirmed(store: Store, key: string, mark: Mark, ttlMs: number): Promise<boolean> {
  try {
    return await store.set(key, mark, ttlMs);
  } catch {
    return false;
  }
}

/** A ledger over a store that lives in this process and so is always there. */
export function localLedger(store: Store, freshMark: () => Mark): Ledger {
  // One mark that expires takes the mark of all absent ones with it, so nothing but a lack of room may end them.
  const ttlMs = store.absentMark === undefined ? markTtlMs : Infinity;
  return {
    async read(keys) {
      const revision = store.revision?.();
      const values = await store.getMany(keys);
      return { values, reachable: true, revision };
    },
    readNow: store.getManyNow?.bind(store),
    revision: store.revision?.bind(store),
    absentMark: store.absentMark?.bind(store),
    record: async (key, value, ttlMs) => void (await store.set(key, value, ttlMs)),
    forget: async (key) => void (await store.delete(key)),
    mint: async (key) => void (await writeMark(store, key, freshMark, ttlMs)),
    renew: (key) => writeMark(store, key, freshMark, ttlMs),
  };
}
