import type { Leases } from './leases.ts';
import type { StoredValue } from './stored-value.ts';

/**
 * The port to a key-value store. It holds two kinds of values:
 *
 * - Records of failures and of cached derivatives. They need no consistency: a record that arrives late, twice or never
 *   costs one more run, but never causes a wrong response.
 * - Generation marks. Each key must be one register: a read that starts after a confirmed `set` returns the value of
 *   that `set` or of a later one.
 */
export interface Store {
  /**
   * Reads all keys in one round trip. An absent or expired key gives `undefined` at its position.
   * @throws when the store cannot be read: an outage must not look like an absent key
   */
  getMany(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]>;
  /**
   * @param ttlMs - milliseconds until the key expires, at least 1
   * @returns `true` only when the write is confirmed; otherwise `false`, or the promise rejects. A rejection counts as
   *   an outage, so a store that can still be read, such as a full one, should give `false`
   */
  set(key: string, value: StoredValue, ttlMs: number): Promise<boolean>;
  /**
   * Writes the first mark of an asset, unless the key exists, in one step. So a first mark never replaces the mark of an
   * upload that came in between.
   * @param ttlMs - as for `set`
   * @returns `true` when the key has a mark now, this one or another; otherwise `false`, or the promise rejects
   * @default the guard reads the key once more, and then calls `set`
   */
  setFirst?(key: string, mark: string, ttlMs: number): Promise<boolean>;
  /**
   * Lengthens the life of a mark, so that it lives for `ttlMs` from now. It never shortens a life, never changes a value
   * and never creates a key; an absent key is not an error. With it, a mark that a request writes lives only as long as
   * the records under it.
   * @returns `true` when the store has done so; otherwise `false`, or the promise rejects
   * @default a mark that a request writes gets a life as long as that of the longest possible record
   */
  extend?(key: string, ttlMs: number): Promise<boolean>;
  /**
   * Leases, and records that are written only if nothing has changed. With them, one process runs and the others wait.
   * @default each process runs once
   */
  readonly leases?: Leases;
  /**
   * Calls the listener each time when the store can be called again after it could not be reached, for example when its
   * client has connected again. It may be called too often. The guard then reads from the store at once, also in the
   * pause after a failed call.
   * @default the guard calls the store again one second after a failed call
   */
  onReady?(listener: () => void): void;
  /**
   * `getMany` without a promise, for a store in this process: a promise would cost more time than the read itself.
   * @default the guard calls `getMany`
   */
  readonly getManyNow?: (keys: readonly string[]) => readonly (StoredValue | undefined)[];
  /**
   * A number that changes with each write, for a store in this process. While the number stays the same, values need
   * not be read again. Leave it out if other processes write to the same store.
   */
  readonly revision?: () => number;
  /**
   * One common mark for all assets that have no mark of their own, for a store in this process that sees every write
   * and every eviction. With it, an asset needs no mark until it changes. Requires `getManyNow`.
   *
   * When a mark is evicted, expires or is removed, the store must return a new random value here, and change
   * `revision` too: otherwise old records of that asset would count again. The new value also invalidates the records
   * of all other assets without a mark. `keyKind` tells which keys are marks.
   */
  readonly absentMark?: () => string;
  /**
   * Removes a key; an absent key is not an error.
   * @returns `true` only when the removal is confirmed; otherwise `false`, or the promise rejects
   */
  delete(key: string): Promise<boolean>;
}
