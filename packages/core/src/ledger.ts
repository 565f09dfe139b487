import { randomBytes } from 'node:crypto';
import type { ConditionalRecord, ConditionalResult, Lease } from './leases.ts';
import { type MarkLifetimes, markTtlMs } from './mark-lifetimes.ts';
import type { SharedValues } from './shared-values.ts';
import type { Store } from './store.ts';
import type { StoredValue } from './stored-value.ts';

/**
 * The mark of an asset's generation: an opaque text of 128 random bits, written to a store at most once. Marks are only
 * compared for equality, so stores, clocks and processes need not agree on an order.
 */
export type Mark = string;

const markBytes = 16;
const marksPerRefill = 256;

/** Returns a function that creates marks. Random bytes are requested in blocks, because new assets need many marks. */
export function createMarkSource(): () => Mark {
  let block = Buffer.alloc(0);
  let offset = 0;
  return function freshMark() {
    if (offset === block.length) {
      block = randomBytes(markBytes * marksPerRefill);
      offset = 0;
    }
    const mark = block.toString('base64url', offset, offset + markBytes);
    offset += markBytes;
    return mark;
  };
}

/**
 * The stamp of the records of assets that have these marks. The stamp stays the same until an asset gets a new mark.
 */
export function stampOf(marks: readonly Mark[]): string {
  return marks.join(' ');
}

/** The marks in a stamp, without the epoch that may follow them (`TargetKeys.epoch`). */
export function marksIn(stamp: string): string {
  const end = stamp.indexOf(' #');
  return end === -1 ? stamp : stamp.slice(0, end);
}

/** The result of one read. */
export interface LedgerReading {
  /** In the order of the requested keys. */
  readonly values: readonly (StoredValue | undefined)[];
  /**
   * `false` while the shared store cannot be reached: then the values are from the local fallback. Also `false` if the
   * shared store has no mark for an asset and has refused one: then this process uses a mark of its own.
   */
  readonly reachable: boolean;
  /** The store's revision before the read, if it has one. */
  readonly revision?: number | undefined;
  /** Replaces each absent mark. If this is `undefined`, an absent mark must be written before a run. */
  readonly absentMark?: string | undefined;
}

/** A record to write. */
export interface LedgerRecord {
  readonly key: string;
  readonly value: StoredValue;
  readonly ttlMs: number;
  /** The keys of the marks in its stamp. */
  readonly marks: readonly string[];
  readonly stamp: string;
  /** The value that was read before; `undefined`: the key was absent. */
  readonly before: StoredValue | undefined;
  /** The lease of the run, if it has one. */
  readonly lease: Lease | undefined;
}

/** As the results of a store with leases. `unconfirmed`: the store did not confirm the write, so only this process has it. */
export type RecordResult = Exclude<ConditionalResult, 'refused'> | 'unconfirmed';

/** The result of `Ledger.take`. */
export interface LedgerLeaseReading extends LedgerReading {
  readonly holder: string;
}

/**
 * The guard's access to the store. `tolerantLedger` handles outages of the store; `localLedger` passes errors on.
 */
export interface Ledger {
  read(keys: readonly string[]): Promise<LedgerReading>;
  /** The `getManyNow` of a store in this process. */
  readonly readNow: Store['getManyNow'];
  /** The `revision` of a store in this process. */
  readonly revision: Store['revision'];
  /** The `absentMark` of a store in this process. */
  readonly absentMark: Store['absentMark'];
  /** `undefined` for a store in this process, which no other process reads. */
  readonly shared: SharedValues | undefined;
  /**
   * Writes a record. Lengthens the lives of the marks in its stamp if they would end before the record. The conditions of
   * the record are checked only if `hasLeases`; otherwise the caller reads right before.
   */
  record(record: LedgerRecord): Promise<RecordResult>;
  /** Whether the store has leases. */
  readonly hasLeases: boolean;
  /** Takes a lease, then reads. @returns `undefined` without leases, and when the store cannot be reached */
  take(lease: Lease, ttlMs: number, keys: readonly string[]): Promise<LedgerLeaseReading | undefined>;
  /** Ends a lease. Never rejects: a lease that cannot be ended ends by its time. */
  release(lease: Lease): Promise<void>;
  /** Removes a record. @returns whether the store has confirmed it */
  forget(key: string): Promise<boolean>;
  /**
   * Writes the first mark of an asset: to the shared store, or to the local fallback during an outage.
   * @param isCached - whether a derivative may be recorded under it
   */
  mint(key: string, isCached: boolean): Promise<void>;
  /** Whether `mint` never replaces a mark. Otherwise its caller reads the key right before. */
  readonly mintsOnlyFirst: boolean;
  /** Writes a new pending mark for an asset, for a short time. @returns whether the store has confirmed the write */
  announce(key: string): Promise<boolean>;
  /** Writes a new mark for an asset. @returns the mark, if the store has confirmed the write */
  renew(key: string): Promise<Mark | undefined>;
}

/**
 * Writes a mark, and returns it. If the store does not confirm the write, writes a different mark. The same mark must not be written
 * twice, because the first write may arrive late, after the mark of another upload. Then the first mark would be
 * current again, and old records with this mark would be valid again.
 */
export async function writeMark(
  write: (mark: Mark) => Promise<boolean>,
  freshMark: () => Mark,
): Promise<Mark | undefined> {
  for (const mark of [freshMark(), freshMark()]) if (await write(mark).catch(() => false)) return mark;
  return undefined;
}

/** The record with the marks of its stamp, for a store with leases. */
export function conditionalRecord(
  { key, value, ttlMs, marks, stamp, before, lease }: LedgerRecord,
  markTtlMs: number,
): ConditionalRecord {
  const written = marksIn(stamp).split(' ');
  const pairs = marks.map((mark, index) => [mark, written[index] ?? ''] as const);
  return { key, value, ttlMs, before, marks: pairs, markTtlMs, lease };
}

/** Writes the first mark of an asset. */
export function writeFirst(store: Store, key: string, mark: Mark, ttlMs: number): Promise<boolean> {
  return store.setFirst === undefined ? store.set(key, mark, ttlMs) : store.setFirst(key, mark, ttlMs);
}

/**
 * A ledger over a store that is always available, such as a store in this process. Its methods pass the errors of
 * the store on.
 */
export function localLedger(store: Store, freshMark: () => Mark, lifetimes: MarkLifetimes): Ledger {
  // When a mark expires, a store with `absentMark` replaces `absentMark`. The records of all assets without a mark
  // would then become invalid, so marks never expire in such a store.
  const ttlMs = store.absentMark === undefined ? markTtlMs : Infinity;
  const { leases } = store;
  return {
    async read(keys) {
      const revision = store.revision?.();
      const values = await store.getMany(keys);
      return { values, reachable: true, revision };
    },
    readNow: store.getManyNow?.bind(store),
    revision: store.revision?.bind(store),
    absentMark: store.absentMark?.bind(store),
    shared: undefined,
    async record(record) {
      const { key, value, ttlMs: recordTtlMs, marks } = record;
      if (leases !== undefined) {
        const result = await leases.record(conditionalRecord(record, lifetimes.under(recordTtlMs)));
        return result === 'refused' ? 'unconfirmed' : result;
      }
      const extending = marks.map((mark) => store.extend?.(mark, lifetimes.under(recordTtlMs)));
      await Promise.all([store.set(key, value, recordTtlMs), ...extending]);
      return 'written';
    },
    hasLeases: leases !== undefined,
    async take(lease, leaseMs, keys) {
      const reading = await leases?.take(lease, leaseMs, keys);
      return reading && { ...reading, reachable: true };
    },
    release: async (lease) => leases?.release(lease),
    forget: (key) => store.delete(key),
    async mint(key, isCached) {
      const mintedMs = lifetimes.minted({ canExtend: store.extend !== undefined, isCached });
      await writeMark((mark) => writeFirst(store, key, mark, mintedMs), freshMark);
    },
    mintsOnlyFirst: store.setFirst !== undefined,
    announce: async () => true,
    renew: (key) => writeMark((mark) => store.set(key, mark, ttlMs), freshMark),
  };
}
