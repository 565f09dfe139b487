import type { HeldMarks } from './held-marks.ts';
import type { ConditionalResult } from './leases.ts';
import { conditionalRecord, type Ledger, type LedgerRecord } from './ledger.ts';
import type { MarkLifetimes } from './mark-lifetimes.ts';
import type { Store } from './store.ts';
import type { StoreCalls } from './store-calls.ts';
import type { UnconfirmedRecords } from './unconfirmed-records.ts';

export interface TolerantRecordsOptions {
  readonly store: Store;
  readonly localFallback: Store;
  /** The key in the fallback, for the outage that is in progress. */
  readonly fallbackKey: (key: string) => string;
  readonly lifetimes: MarkLifetimes;
  readonly calls: StoreCalls;
  readonly unconfirmed: UnconfirmedRecords;
  readonly held: HeldMarks;
  readonly onError: (error: unknown) => void;
}

type Written = ConditionalResult | undefined;

/** Writes and removes the records of a store that may be down or slow. What it does not confirm, this process holds. */
export function createTolerantRecords(options: TolerantRecordsOptions): Pick<Ledger, 'record' | 'forget'> {
  const { store, localFallback, fallbackKey, lifetimes, calls, unconfirmed, held, onError } = options;
  const { leases } = store;

  /** Lengthens the life of a mark where the record under it is written. */
  async function extend(mark: string, recordTtlMs: number, isDown: boolean): Promise<void> {
    const ttlMs = lifetimes.under(recordTtlMs);
    if (isDown) await localFallback.extend?.(fallbackKey(mark), ttlMs);
    if (store.extend !== undefined) await calls.call(async () => (await store.extend?.(mark, ttlMs)) === true);
  }

  /** @returns `undefined` when the store cannot be reached */
  async function write({ key, value, ttlMs, marks }: LedgerRecord, wasDown: boolean): Promise<Written> {
    const [result] = await Promise.all([
      calls.call(() => store.set(key, value, ttlMs)),
      ...marks.map((mark) => extend(mark, ttlMs, wasDown)),
    ]);
    return result && (result.value ? 'written' : 'refused');
  }

  async function writeIfUnchanged(record: LedgerRecord): Promise<Written> {
    const conditional = conditionalRecord(record, lifetimes.under(record.ttlMs));
    return (await calls.call(async () => leases?.record(conditional)))?.value;
  }

  return {
    async record(record) {
      const { key, value, ttlMs, stamp, marks } = record;
      const wasDown = calls.isDown();
      // The store would compare the marks first, and say that the asset has changed: it has refused this mark.
      if (!wasDown && (await held.isIn(stamp, marks))) {
        await unconfirmed.hold(key, value, ttlMs);
        return 'unconfirmed';
      }
      const result = await (leases === undefined || wasDown ? write(record, wasDown) : writeIfUnchanged(record));
      if (result !== undefined && result !== 'refused') return result;
      if (result === 'refused')
        onError(new Error(`The store did not confirm a write of ${key}; the local fallback holds it.`));
      if (wasDown) await localFallback.set(fallbackKey(key), value, ttlMs);
      else await unconfirmed.hold(key, value, ttlMs);
      return 'unconfirmed';
    },

    async forget(key) {
      const result = await calls.call(() => store.delete(key));
      await unconfirmed.drop(key);
      if (calls.isDown()) await localFallback.delete(fallbackKey(key));
      return result?.value === true;
    },
  };
}
