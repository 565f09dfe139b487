import type { Store, StoredValue } from '@safelight/core';

/** All contents of a store at one moment. */
export type ChaosSnapshot = ReadonlyMap<string, { readonly value: StoredValue; readonly ttlMs: number }>;

/** Writes to a store and remembers the keys, because a store cannot list its keys. */
export interface ChaosContents extends Pick<Store, 'set' | 'delete'> {
  /** Remembers a key that is written in another way. */
  note(key: string, ttlMs: number): void;
  /** Deletes the matching keys. */
  forget(matches: (key: string) => boolean): Promise<void>;
  /** Copies the contents. */
  snapshot(): Promise<ChaosSnapshot>;
  /** Restores a copy, and deletes all other keys. */
  restore(snapshot: ChaosSnapshot): Promise<void>;
}

export function chaosContents(store: Store): ChaosContents {
  const ttls = new Map<string, number>();
  const contents: ChaosContents = {
    set(key, value, ttlMs) {
      ttls.set(key, ttlMs);
      return store.set(key, value, ttlMs);
    },
    note: (key, ttlMs) => void ttls.set(key, ttlMs),
    delete(key) {
      ttls.delete(key);
      return store.delete(key);
    },
    async forget(matches) {
      for (const key of [...ttls.keys()].filter(matches)) await contents.delete(key);
    },
    async snapshot() {
      const keys = [...ttls.entries()];
      const values = await store.getMany(keys.map(([key]) => key));
      return new Map(
        keys.flatMap(([key, ttlMs], index) => {
          const value = values[index];
          return value === undefined ? [] : [[key, { value, ttlMs }] as const];
        }),
      );
    },
    async restore(snapshot) {
      await contents.forget((key) => !snapshot.has(key));
      for (const [key, { value, ttlMs }] of snapshot) await contents.set(key, value, ttlMs);
    },
  };
  return contents;
}
