import type { HeldMarks } from './held-marks.ts';
import type { Lease } from './leases.ts';
import type { Ledger } from './ledger.ts';
import type { Store } from './store.ts';
import type { StoreCalls } from './store-calls.ts';
import type { UnconfirmedRecords } from './unconfirmed-records.ts';

export interface TolerantLeasesOptions {
  readonly store: Store;
  readonly calls: StoreCalls;
  readonly held: HeldMarks;
  readonly unconfirmed: UnconfirmedRecords;
}

/** How many leases are remembered that could not be ended. A further one ends by its time. */
const maxLeft = 1000;

/**
 * Takes and ends the leases of a store that may be down or slow. A lease with a lost reply may have been taken, so it is
 * ended. One that cannot be ended is ended when the store says that it can be called again. Otherwise the other processes
 * would wait until the end of its time.
 */
export function createTolerantLeases(options: TolerantLeasesOptions): Pick<Ledger, 'hasLeases' | 'take' | 'release'> {
  const { store, calls, held, unconfirmed } = options;
  const { leases } = store;
  const left = new Set<Lease>();

  const release: Ledger['release'] = async (lease) => {
    if (leases === undefined) return;
    const result = await calls.callNow(() => leases.release(lease));
    if (result === undefined && left.size < maxLeft) left.add(lease);
  };

  store.onReady?.(() => {
    const again = [...left];
    left.clear();
    for (const lease of again) void release(lease);
  });

  return {
    hasLeases: leases !== undefined,
    async take(lease, leaseMs, keys) {
      if (leases === undefined) return undefined;
      let isSent = false;
      const result = await calls.call(() => {
        isSent = true;
        return leases.take(lease, leaseMs, keys);
      });
      if (result === undefined) {
        if (isSent) void release(lease);
        return undefined;
      }
      const { values, isHeld } = await held.fill(keys, result.value.values);
      return { values: await unconfirmed.fill(keys, values), reachable: !isHeld, holder: result.value.holder };
    },
    release,
  };
}
