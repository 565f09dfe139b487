import { isFailure } from './failure.ts';
import { type Ledger, type LedgerReading, type Mark, marksIn, markTtlMs, stampOf } from './ledger.ts';
import { createSharedValues } from './shared-values.ts';
import type { Store, StoredValue } from './store.ts';
import { createStoreCalls } from './store-calls.ts';
import { keyKind } from './target.ts';

export interface TolerantLedgerOptions {
  /** The store that all processes share. */
  readonly store: Store;
  /** Replaces `store` in this process while `store` cannot be reached. Must be a different store. */
  readonly localFallback: Store;
  readonly clock: () => number;
  readonly freshMark: () => Mark;
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
 * long as its stamp equals the marks in the shared store.
 */
export function tolerantLedger(options: TolerantLedgerOptions): Ledger {
  const { store, localFallback, clock, freshMark, callTimeoutMs = 1000, pauseMs = 1000, onError } = options;
  const calls = createStoreCalls({ clock, callTimeoutMs, pauseMs, onError });
  let unconfirmedUntil = 0;

  const fallbackKey = (key: string) => `${calls.outages()}|${key}`;
  const unconfirmedKey = (key: string) => `unconfirmed|${key}`;

  /** Replaces each value of the shared store for which this process holds a newer failure that was not confirmed. */
  async function withUnconfirmed(
    keys: readonly string[],
    values: LedgerReading['values'],
  ): Promise<LedgerReading['values']> {
    if (clock() >= unconfirmedUntil) return values;
    const unconfirmed = await localFallback.getMany(keys.map(unconfirmedKey));
    const marks = keys.flatMap((key, i) => (keyKind(key) === 'mark' ? [values[i]] : []));
    const stamp = stampOf(marks.filter((mark) => typeof mark === 'string'));
    return values.map((value, i) => (isNewer(unconfirmed[i], value, stamp) ? unconfirmed[i] : value));
  }

  return {
    // Only the ledger of a store in this process has these members. Other processes may write to the shared store.
    readNow: undefined,
    revision: undefined,
    absentMark: undefined,
    shared: createSharedValues(store, calls.call),

    async read(keys) {
      const result = await calls.call(() => store.getMany(keys));
      if (result !== undefined) return { values: await withUnconfirmed(keys, result.value), reachable: true };
      return { values: await localFallback.getMany(keys.map(fallbackKey)), reachable: false };
    },

    async record(key, value, ttlMs) {
      const wasDown = calls.isDown();
      const result = await calls.call(() => store.set(key, value, ttlMs));
      if (result?.value === true) return;
      if (result !== undefined)
        onError(new Error(`The store did not confirm a write of ${key}; the local fallback holds it.`));
      await localFallback.set(wasDown ? fallbackKey(key) : unconfirmedKey(key), value, ttlMs);
      if (!wasDown) unconfirmedUntil = Math.max(unconfirmedUntil, clock() + ttlMs);
    },

    async forget(key) {
      await calls.call(() => store.delete(key));
      if (clock() < unconfirmedUntil) await localFallback.delete(unconfirmedKey(key));
      if (calls.isDown()) await localFallback.delete(fallbackKey(key));
    },

    async mint(key) {
      const result = await calls.call(() => store.set(key, freshMark(), markTtlMs));
      if (result?.value === true) return;
      const again = result === undefined ? undefined : await calls.call(() => store.set(key, freshMark(), markTtlMs));
      if (again?.value !== true) await localFallback.set(fallbackKey(key), freshMark(), markTtlMs);
    },

    async renew(key) {
      await localFallback.set(fallbackKey(key), freshMark(), markTtlMs);
      for (const mark of [freshMark(), freshMark()]) {
        // The caller needs a confirmation, so the store is called even if an earlier call has failed recently.
        const result = await calls.callNow(() => store.set(key, mark, markTtlMs));
        if (result?.value === true) return true;
      }
      return false;
    },
  };
}

/**
 * Whether an unconfirmed failure of this process replaces the stored value. A store that refuses writes still returns
 * an older failure.
 */
function isNewer(unconfirmed: StoredValue | undefined, stored: StoredValue | undefined, stamp: string): boolean {
  if (!isFailure(unconfirmed) || marksIn(unconfirmed.stamp) !== stamp) return false;
  return !isFailure(stored) || marksIn(stored.stamp) !== stamp || unconfirmed.failedAt >= stored.failedAt;
}
