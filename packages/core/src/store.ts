/** Anything that survives `JSON.parse(JSON.stringify(value))`. */
export type StoredValue = string | object;

/**
 * Where failures and generations are kept. Values need no consistency: one that arrives late, twice or never costs a
 * run, never a lie. Generation marks need one register per key: a read after a confirmed `set` gives that write or a
 * later one.
 */
export interface Store {
  /**
   * Reads all keys in one round trip; an absent or expired key gives `undefined` at its place. Rejects when the store
   * cannot be read (absence must not look like an outage).
   */
  getMany(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]>;
  /**
   * @param ttlMs - milliseconds until the key expires, at least 1
   * @returns `true` only when the write is confirmed; may also reject when it is not
   */
  set(key: string, value: StoredValue, ttlMs: number): Promise<boolean>;
  /** For a store that lives in this process: `getMany` without a promise, which costs more than the reading. */
  readonly getManyNow?: (keys: readonly string[]) => readonly (StoredValue | undefined)[];
  /**
   * For a store that lives in this process and sees every write: a number that changes with each. While it stands, what
   * was read need not be read again. A store that others write to as well must not have it.
   */
  readonly revision?: () => number;
  /**
   * For a store that lives in this process and sees every write and every eviction: the mark of all assets whose own is
   * absent, so that an asset needs none until it changes. Another one, fresh and random, as soon as any mark is evicted,
   * expired or removed: what was found before must never count again, neither of that asset nor, alas, of the others.
   * Goes with `getManyNow`, and changes the revision whenever it changes itself. `keyKind` tells which keys are marks.
   */
  readonly absentMark?: () => string;
  /** Removes a key; one that is absent already is no error. Rejects or gives `false` when that is not confirmed. */
  delete(key: string): Promise<boolean>;
}
