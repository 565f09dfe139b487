/** Anything that survives `JSON.parse(JSON.stringify(value))`. */
export type StoredValue = string | object;

/**
 * Where failures and generations are kept. Records need no consistency: one that arrives late, twice or never costs one
 * more run, but never gives a wrong result. Generation marks need one register per key: a read after a confirmed `set`
 * gives that write or a later one.
 */
export interface Store {
  /**
   * Reads all keys in one round trip; an absent or expired key gives `undefined` at its place. Rejects when the store
   * cannot be read (an outage must not look like an absent key).
   */
  getMany(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]>;
  /**
   * @param ttlMs - milliseconds until the key expires, at least 1
   * @returns `true` only when the write is confirmed; may also reject when it is not
   */
  set(key: string, value: StoredValue, ttlMs: number): Promise<boolean>;
  /** For a store in this process: `getMany` without a promise, because a promise costs more than the read itself. */
  readonly getManyNow?: (keys: readonly string[]) => readonly (StoredValue | undefined)[];
  /**
   * For a store in this process that sees every write: a number that changes with each write. While it is the same,
   * values need not be read again. A store that other processes write to as well must not have it.
   */
  readonly revision?: () => number;
  /**
   * For a store in this process that sees every write and every eviction: the common mark of all assets that have no
   * mark of their own, so that an asset needs none until it changes. The store must replace it by a new random one as
   * soon as any mark is evicted, expired or removed: earlier records of that asset must never count again. Those of all
   * other assets without a mark then do not count either. Requires `getManyNow`. When it changes, the revision must
   * change too. `keyKind` tells which keys are marks.
   */
  readonly absentMark?: () => string;
  /** Removes a key; an absent key is not an error. Rejects or gives `false` when the removal is not confirmed. */
  delete(key: string): Promise<boolean>;
}
