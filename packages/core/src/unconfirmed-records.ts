import { isFailure } from './failure.ts';
import { type LedgerReading, marksIn, stampOf } from './ledger.ts';
import type { Store } from './store.ts';
import type { StoredValue } from './stored-value.ts';
import { keyKind } from './target.ts';

/**
 * Records that the shared store did not confirm. This process holds them. Such a record is valid as long as its stamp
 * equals the marks of the look-up.
 */
export interface UnconfirmedRecords {
  /** Replaces each value of the shared store for which this process holds a newer failure that was not confirmed. */
  fill(keys: readonly string[], values: LedgerReading['values']): Promise<LedgerReading['values']>;
  hold(key: string, value: StoredValue, ttlMs: number): Promise<void>;
  drop(key: string): Promise<void>;
}

export interface UnconfirmedRecordsOptions {
  /** A store in this process. */
  readonly localFallback: Store;
  readonly clock: () => number;
}

export function createUnconfirmedRecords({ localFallback, clock }: UnconfirmedRecordsOptions): UnconfirmedRecords {
  let lastUntil = 0;
  const unconfirmedKey = (key: string) => `unconfirmed|${key}`;
  return {
    async fill(keys, values) {
      if (clock() >= lastUntil) return values;
      const unconfirmed = await localFallback.getMany(keys.map(unconfirmedKey));
      const marks = keys.flatMap((key, i) => (keyKind(key) === 'mark' ? [values[i]] : []));
      const stamp = stampOf(marks.filter((mark) => typeof mark === 'string'));
      return values.map((value, i) => (isNewer(unconfirmed[i], value, stamp) ? unconfirmed[i] : value));
    },
    async hold(key, value, ttlMs) {
      await localFallback.set(unconfirmedKey(key), value, ttlMs);
      lastUntil = Math.max(lastUntil, clock() + ttlMs);
    },
    async drop(key) {
      if (clock() < lastUntil) await localFallback.delete(unconfirmedKey(key));
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
