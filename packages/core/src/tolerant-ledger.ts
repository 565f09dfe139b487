import { isFailure } from './failure.ts';
import { type Ledger, type Mark, markTtlMs, type Reading, stampOf } from './ledger.ts';
import type { Store, StoredValue } from './store.ts';
import { keyKind } from './target.ts';

export interface TolerantLedgerOptions {
  /** The store that every process shares. */
  readonly store: Store;
  /** Replaces it, in this process only, while it cannot be reached. Must not be the shared one. */
  readonly island: Store;
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
  const { store, island, clock, freshMark, callTimeoutMs = 1000, pauseMs = 1000, onError } = options;
  let outage = 0;
  let down = false;
  let leaveAloneUntil = 0;
  let keptUntil = 0;

  const islandKey = (key: string) => `${outage}|${key}`;
  const keptKey = (key: string) => `kept|${key}`;

  function failed(error: unknown): void {
    if (!down) outage += 1;
    down = true;
    leaveAloneUntil = clock() + pauseMs;
    onError(error);
  }

  /** One call to the shared store; `undefined` when it failed, or is skipped after an earlier failure. */
  async function attempt<T>(call: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    if (down && clock() < leaveAloneUntil) return undefined;
    try {
      const value = await within(callTimeoutMs, call);
      down = false;
      return { value };
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  async function withKept(keys: readonly string[], values: Reading['values']): Promise<Reading['values']> {
    if (clock() >= keptUntil) return values;
    const kept = await island.getMany(keys.map(keptKey));
    const marks = keys.flatMap((key, i) => (keyKind(key) === 'mark' ? [values[i]] : []));
    const stamp = stampOf(marks.filter((mark) => typeof mark === 'string'));
    return values.map((value, i) => (isNewer(kept[i], value, stamp) ? kept[i] : value));
  }

  return {
    // Other processes write to the shared store, so nothing that was read before is known to be current.
    readNow: undefined,
    revision: undefined,
    absentMark: undefined,

    async read(keys) {
      const answer = await attempt(() => store.getMany(keys));
      if (answer !== undefined) return { values: await withKept(keys, answer.value), reachable: true };
      return { values: await island.getMany(keys.map(islandKey)), reachable: false };
    },

    async record(key, value, ttlMs) {
      const isOfIsland = down;
      const answer = await attempt(() => store.set(key, value, ttlMs));
      if (answer?.value === true) return;
      if (answer !== undefined)
        onError(new Error(`The store did not confirm a write of ${key}; it is kept in this process.`));
      await island.set(isOfIsland ? islandKey(key) : keptKey(key), value, ttlMs);
      if (!isOfIsland) keptUntil = Math.max(keptUntil, clock() + ttlMs);
    },

    async forget(key) {
      await attempt(() => store.delete(key));
      if (clock() < keptUntil) await island.delete(keptKey(key));
      if (down) await island.delete(islandKey(key));
    },

    async mint(key) {
      const answer = await attempt(() => store.set(key, freshMark(), markTtlMs));
      if (answer?.value === true) return;
      const again = answer === undefined ? undefined : await attempt(() => store.set(key, freshMark(), markTtlMs));
      if (again?.value !== true) await island.set(islandKey(key), freshMark(), markTtlMs);
    },

    async renew(key) {
      await island.set(islandKey(key), freshMark(), markTtlMs);
      for (const mark of [freshMark(), freshMark()]) {
        // Not skipped when the store was down a moment ago: the caller waits for a real result.
        leaveAloneUntil = 0;
        const answer = await attempt(() => store.set(key, mark, markTtlMs));
        if (answer?.value === true) return true;
      }
      return false;
    },
  };
}

/** A store that refuses writes still returns the earlier failure, which must not hide the newer one in this process. */
function isNewer(kept: StoredValue | undefined, stored: StoredValue | undefined, stamp: string): boolean {
  if (!isFailure(kept) || kept.stamp !== stamp) return false;
  return !isFailure(stored) || stored.stamp !== stamp || kept.failedAt >= stored.failedAt;
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
