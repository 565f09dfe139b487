import type { GuardOptions, Store } from '@safelight/core';
import { type KeyvLike, keyvStore, memoryStore } from '@safelight/stores';

/** The stores of a guard: the given one with a local fallback for its outages, or one in the memory of this process. */
export function guardStores(
  store: KeyvLike | Store | undefined,
  clock: () => number,
): Pick<GuardOptions, 'store' | 'localFallback'> {
  if (store === undefined) return { store: memoryStore({ clock }) };
  // A store in this process is always available.
  if ('absentMark' in store) return { store };
  const localFallback = memoryStore({ clock, maxEntries: 20_000 });
  return { store: 'get' in store || 'on' in store ? keyvStore(store as KeyvLike) : (store as Store), localFallback };
}
