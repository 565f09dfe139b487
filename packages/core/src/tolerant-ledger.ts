import { createHeldMarks } from './held-marks.ts';
import { type Ledger, type Mark, writeFirst, writeMark } from './ledger.ts';
import { type MarkLifetimes, markTtlMs, pendingMarkTtlMs, pendingPrefix } from './mark-lifetimes.ts';
import { createSharedValues } from './shared-values.ts';
import type { Store } from './store.ts';
import { createStoreCalls } from './store-calls.ts';
import { createTolerantLeases } from './tolerant-leases.ts';
import { createTolerantRecords } from './tolerant-records.ts';
import { createUnconfirmedRecords } from './unconfirmed-records.ts';

export interface TolerantLedgerOptions {
  /** The store that all processes share. */
  readonly store: Store;
  /** Replaces `store` in this process while `store` cannot be reached. Must be a different store. */
  readonly localFallback: Store;
  readonly clock: () => number;
  readonly freshMark: () => Mark;
  readonly lifetimes: MarkLifetimes;
  /** How long this process may be behind a change of another one while the store fails, in milliseconds. */
  readonly maxStaleMs: number;
  /** How long one call may take before it counts as failed, in milliseconds. @default 1000 */
  readonly callTimeoutMs?: number;
  /** How long the shared store is not called after a failed call, in milliseconds. @default 1000 */
  readonly pauseMs?: number;
  /** Called with the error of each failed call. Must not throw. */
  readonly onError: (error: unknown) => void;
}

/**
 * A ledger over a store that may be down or slow. During an outage this process uses the local fallback. Each outage
 * has new marks in the fallback, so the records of an outage are never valid under the marks of the shared store. If
 * the shared store does not confirm the write of a record, the fallback holds the record. Such a record is valid as
 * long as its stamp equals the marks in the shared store. If the store refuses a first mark, this process holds a mark
 * of its own for a short time.
 */
export function tolerantLedger(options: TolerantLedgerOptions): Ledger {
  const { store, localFallback, clock, freshMark, lifetimes, maxStaleMs, onError } = options;
  const { callTimeoutMs = 1000, pauseMs = 1000 } = options;
  const held = createHeldMarks({ localFallback, clock, freshMark, maxStaleMs });
  const unconfirmed = createUnconfirmedRecords({ localFallback, clock });
  const calls = createStoreCalls({ clock, callTimeoutMs, pauseMs, onError });

  store.onReady?.(calls.endPause);
  const fallbackKey = (key: string) => `${calls.outages()}|${key}`;
  const records = createTolerantRecords({ ...options, fallbackKey, calls, unconfirmed, held });

  return {
    // Only the ledger of a store in this process has these members. Other processes may write to the shared store.
    readNow: undefined,
    revision: undefined,
    absentMark: undefined,
    shared: createSharedValues(store, calls.call),
    mintsOnlyFirst: store.setFirst !== undefined,

    async read(keys) {
      const result = await calls.call(() => store.getMany(keys));
      if (result !== undefined) {
        const { values, isHeld } = await held.fill(keys, result.value);
        return { values: await unconfirmed.fill(keys, values), reachable: !isHeld };
      }
      return { values: await localFallback.getMany(keys.map(fallbackKey)), reachable: false };
    },

    ...records,
    ...createTolerantLeases({ store, calls, held, unconfirmed }),

    async mint(key, isCached) {
      const ttlIn = ({ extend: has }: Store) => lifetimes.minted({ canExtend: has !== undefined, isCached });
      const write = (mark: Mark) => isConfirmed(calls.call(() => writeFirst(store, key, mark, ttlIn(store))));
      if ((await writeMark(write, freshMark)) !== undefined) return;
      if (calls.isDown()) await localFallback.set(fallbackKey(key), freshMark(), ttlIn(localFallback));
      else await held.hold(key);
    },

    async announce(key) {
      const write = (mark: Mark) =>
        isConfirmed(calls.callNow(() => store.set(key, pendingPrefix + mark, pendingMarkTtlMs)));
      return (await writeMark(write, freshMark)) !== undefined;
    },

    async renew(key) {
      await held.drop(key);
      await localFallback.set(fallbackKey(key), freshMark(), markTtlMs);
      // The caller needs a confirmation, so the store is called even if an earlier call has failed recently.
      return writeMark((mark) => isConfirmed(calls.callNow(() => store.set(key, mark, markTtlMs))), freshMark);
    },
  };
}

async function isConfirmed(call: Promise<{ readonly value: boolean } | undefined>): Promise<boolean> {
  return (await call)?.value === true;
}
