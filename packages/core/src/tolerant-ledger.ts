import { isFailure } from './failure.ts';
import { type Ledger, type Mark, markTtlMs, type Reading, stampOf } from './ledger.ts';
import type { Store, StoredValue } from './store.ts';
import { keyKind } from './target.ts';

export interface TolerantLedgerOptions {
  /** The store that every process shares. */
  readonly store: Store;
  /** Replaces it, in this process only, while it cannot be reached. Must not be the shared one. */
  readonly localFallback: Store;
  readonly clock: () => number;
  readonly freshMark: () => Mark;
  /** How long one call may take before it counts as failed, in milliseconds. @default 1000 */
  readonly callTimeoutMs?: number;
  /** How long the shared store is not called after a failed call, in milliseconds. @default 1000 */
  readonly pauseMs?: number;
  /** Told of every failed call. Must not throw. */
  readonly onError: (error: unknown) => void;
}

/**
 * A ledger over a store that may be down or slow. During an outage this process uses its local store (the island). The
 * island has other marks, new ones for each outage, so its records never count together with those of the shared store.
 * A record that the shared store did not confirm is kept in this process under its own stamp, and counts for as long as
 * its marks are the current ones.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the state of one ledger; its functions are short.
export function tolerantLedger(options: TolerantLedgerOptions): Ledger {
  const { store, localFallback, clock, freshMark, callTimeoutMs = 1000, pauseMs = 1000, onError } = options;
  let outage = 0;
  let down = false;
  let pausedUntil = 0;
  let unconfirmedUntil = 0;

  const fallbackKey = (key: string) => `${outage}|${key}`;
  const unconfirmedKey = (key: string) => `kept|${key}`;

  function failed(error: unknown): void {
    if (!down) outage += 1;
    down = true;
    pausedUntil = clock() + pauseMs;
    onError(error);
  }

  /** One call to the shared store; `undefined` when it failed, or is skipped after an earlier failure. */
  async function attempt<T>(call: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    if (down && clock() < pausedUntil) return undefined;
    try {
      const value = await within(callTimeoutMs, call);
      down = false;
      return { value };
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  async function withUnconfirmed(keys: readonly string[], values: Reading['values']): Promise<Reading['values']> {
    if (clock() >= unconfirmedUntil) return values;
    const unconfirmed = await localFallback.getMany(keys.map(unconfirmedKey));
    const marks = keys.flatMap((key, i) => (keyKind(key) === 'mark' ? [values[i]] : []));
    const stamp = stampOf(marks.filter((mark) => typeof mark === 'string'));
    return values.map((value, i) => (isNewer(unconfirmed[i], value, stamp) ? unconfirmed[i] : value));
  }

  return {
    // Other processes write to the shared store, so nothing that was read before is known to be current.
    readNow: undefined,
    revision: undefined,
    absentMark: undefined,

    async read(keys) {
      const response = await attempt(() => store.getMany(keys));
      if (response !== undefined) return { values: await withUnconfirmed(keys, response.value), reachable: true };
      return { values: await localFallback.getMany(keys.map(fallbackKey)), reachable: false };
    },

    async record(key, value, ttlMs) {
      const isOfFallback = down;
      const response = await attempt(() => store.set(key, value, ttlMs));
      if (response?.value === true) return;
      if (response !== undefined)
        onError(new Error(`The store did not confirm a write of ${key}; it is kept in this process.`));
      await localFallback.set(isOfFallback ? fallbackKey(key) : unconfirmedKey(key), value, ttlMs);
      if (!isOfFallback) unconfirmedUntil = Math.max(unconfirmedUntil, clock() + ttlMs);
    },

    async forget(key) {
      await attempt(() => store.delete(key));
      if (clock() < unconfirmedUntil) await localFallback.delete(unconfirmedKey(key));
      if (down) await localFallback.delete(fallbackKey(key));
    },

    async mint(key) {
      const response = await attempt(() => store.set(key, freshMark(), markTtlMs));
      if (response?.value === true) return;
      const again = response === undefined ? undefined : await attempt(() => store.set(key, freshMark(), markTtlMs));
      if (again?.value !== true) await localFallback.set(fallbackKey(key), freshMark(), markTtlMs);
    },

    async renew(key) {
      await localFallback.set(fallbackKey(key), freshMark(), markTtlMs);
      for (const mark of [freshMark(), freshMark()]) {
        // Not skipped when the store was down a moment ago: the caller waits for a real result.
        pausedUntil = 0;
        const response = await attempt(() => store.set(key, mark, markTtlMs));
        if (response?.value === true) return true;
      }
      return false;
    },
  };
}

/** A store that refuses writes still returns the earlier failure, which must not hide the newer one in this process. */
function isNewer(unconfirmed: StoredValue | undefined, stored: StoredValue | undefined, stamp: string): boolean {
  if (!isFailure(unconfirmed) || unconfirmed.stamp !== stamp) return false;
  return !isFailure(stored) || stored.stamp !== stamp || unconfirmed.failedAt >= stored.failedAt;
}

async function within<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The store did not answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
