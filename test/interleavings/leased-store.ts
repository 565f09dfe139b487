import { isDeepStrictEqual } from 'node:util';
import type { Leases, Store } from '@safelight/core';

/** The leases of a store by their keys. */
export type HeldLeases = Map<string, { readonly token: string; readonly endsAt: number }>;

/**
 * A store in memory with leases, each step of which nothing interrupts: as the scripts of a Redis.
 *
 * @param held - the leases; a test may read and remove them
 */
export function leasedStore(
  store: Store,
  clock: () => number,
  held: HeldLeases = new Map(),
): Store & { readonly leases: Leases } {
  function holderOf(key: string): string | undefined {
    const lease = held.get(key);
    return lease !== undefined && clock() < lease.endsAt ? lease.token : undefined;
  }

  const now = (keys: readonly string[]) => store.getManyNow?.(keys) ?? [];

  return {
    getMany: (keys) => store.getMany(keys),
    set: (key, value, ttlMs) => store.set(key, value, ttlMs),
    delete: (key) => store.delete(key),
    extend: async (key, ttlMs) => (await store.extend?.(key, ttlMs)) === true,
    setFirst: async (key, mark, ttlMs) => now([key])[0] !== undefined || store.set(key, mark, ttlMs),
    leases: {
      async take({ key, token }, ttlMs, keys) {
        const holder = holderOf(key);
        if (holder === undefined) held.set(key, { token, endsAt: clock() + ttlMs });
        return { holder: holder ?? token, values: now(keys) };
      },
      async record({ key, value, ttlMs, before, marks, markTtlMs, lease }) {
        if (lease !== undefined && holderOf(lease.key) !== lease.token) return 'moved';
        const present = now(marks.map(([mark]) => mark));
        if (marks.some(([, mark], index) => present[index] !== mark)) {
          if (lease !== undefined) held.delete(lease.key);
          return 'moved';
        }
        const [stored] = now([key]);
        if (!isDeepStrictEqual(stored, before)) return { stored };
        void store.set(key, value, ttlMs);
        for (const [mark] of marks) void store.extend?.(mark, markTtlMs);
        if (lease !== undefined) held.delete(lease.key);
        return 'written';
      },
      async release({ key, token }) {
        if (holderOf(key) === token) held.delete(key);
      },
    },
  };
}
