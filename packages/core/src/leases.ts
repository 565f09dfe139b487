import type { StoredValue } from './stored-value.ts';

/** The right to run, for one holder among all processes that share a store. */
export interface Lease {
  /** The key has the hash tag of the asset, as all keys of one asset have. */
  readonly key: string;
  /** A random text, which only this holder knows. */
  readonly token: string;
}

/** The result of `Leases.take`. */
export interface LeaseReading {
  /** The token of the holder after the call: that of the caller if the lease was free. */
  readonly holder: string;
  /** As the result of `Store.getMany`. The keys were read after the lease was taken, or was found taken. */
  readonly values: readonly (StoredValue | undefined)[];
}

/** A record to write, and what must be true at the moment of the write. */
export interface ConditionalRecord {
  readonly key: string;
  readonly value: StoredValue;
  readonly ttlMs: number;
  /** The value that was read before; `undefined`: the key was absent. */
  readonly before: StoredValue | undefined;
  /** The keys of the marks, with the marks that they must have. */
  readonly marks: readonly (readonly [key: string, mark: string])[];
  /** The marks live for this time from now at least, in milliseconds, as by `Store.extend`. */
  readonly markTtlMs: number;
  /** The caller must still hold this lease. After a write it is released, and also after `moved`. */
  readonly lease: Lease | undefined;
}

/**
 * - `written`: confirmed.
 * - `moved`: nothing was written, because a mark is another one, or another holder has the lease.
 * - `stored`: nothing was written, because the key has this value and not `before`.
 * - `refused`: the store can be read, but refuses writes, because it is full or read-only.
 */
export type ConditionalResult = 'written' | 'moved' | 'refused' | { readonly stored: StoredValue | undefined };

/**
 * The port to leases. A store that several processes share may have it. With it, one of them runs and the others wait; and a
 * holder that lost its lease, because it stalled, records nothing. Each method is one step that nothing interrupts.
 *
 * @throws each method rejects when the store cannot be called
 */
export interface Leases {
  /**
   * Takes a lease for `ttlMs`, unless a holder has it. Then reads the keys. A store that refuses writes has no leases: then
   * the caller counts as the holder.
   * @param ttlMs - milliseconds, at least 1
   */
  take(lease: Lease, ttlMs: number, keys: readonly string[]): Promise<LeaseReading>;
  /** Writes a record if its conditions are true. */
  record(record: ConditionalRecord): Promise<ConditionalResult>;
  /** Ends a lease. If another holder has it, nothing changes. */
  release(lease: Lease): Promise<void>;
}
