import type { Store, StoredValue } from '@safelight/core';

/** Everything a store held, at one moment. */
export type ChaosSnapshot = ReadonlyMap<string, { readonly value: StoredValue; readonly ttlMs: number }>;

/** The writing half of a store that remembers which keys it wrote, since a store cannot list its own. */
export interface ChaosContents extends Pick<Store, 'set' | 'delete'> {
  forget(isMeant: (key: string) => boolean): Promise<void>;
  snapshot(): Promise<ChaosSnapshot>;
  restore(snapshot: ChaosSnapshot): Promise<void>;
}

export function chaosContents(store: Store): ChaosContents {
  const ttls = new Map<string, number>();
  const contents: ChaosContents = {
    set(key, value, ttlMs) {
      ttls.set(key, ttlMs);
      return store.set(key, value, ttlMs);
    },
    delete(key) {
      ttls.delete(key);
      return store.delete(key);
    },
    async forget(isMeant) {
      for (const key of [...ttls.keys()].filter(isMeant)) await contents.delete(key);
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
