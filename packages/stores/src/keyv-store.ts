import type { Store, StoredValue } from '@safelight/core';
import { checkOptions, checkValue, portValue, stringValue } from '@safelight/protocol';
import { type ErrorSource, watchErrors } from './error-watch.ts';

/** The part of a Keyv that is used: Keyv 5.6 and 6.1 both have it, in types and in behaviour. */
export interface KeyvLike extends ErrorSource {
  getMany(keys: string[]): Promise<readonly unknown[]>;
  set(key: string, value: unknown, ttlMs?: number): Promise<unknown>;
  delete(key: string): Promise<boolean>;
}

export interface KeyvStoreOptions {
  /**
   * Put before every key, for a database that is shared with others. Every process of one installation needs the same.
   * @default ''
   */
  readonly keyPrefix?: string;
}

const keyvPort = portValue('a Keyv, such as new Keyv(adapter)', ['getMany', 'set', 'delete']);

/** Longer than any entry of ours needs, and short enough for every server's expiry arithmetic. */
const maxTtlMs = 365 * 24 * 60 * 60 * 1000;

/**
 * A Store over any Keyv (5.6 or later, 6.1 or later), composed and closed by the caller.
 *
 * Measured with Keyv 6.1.0 and 5.6.0, `@keyv/redis` 5.1.6 and 6.0.0-rc.1: once there is a listener for `'error'`, a
 * failing read answers `undefined` for every key, exactly as an absent key does, and a failing `delete` answers `false`,
 * exactly as one of an absent key does. A failing `set` answers `false`, but with `@keyv/redis` 5.1.6 and without its
 * `throwOnErrors` it answers `true`. Without a listener calls reject, but a connection that drops between calls ends the
 * process. The error is always emitted before the call settles, so this store listens. A read during which an error was
 * emitted rejects unless every key was found; a write during which one was emitted is not confirmed.
 *
 * A `keyv` without `on` is believed as it answers; it must then reject by itself when it cannot be read. So must
 * Keyv 5 over an adapter without `getMany`: there it drops the error without emitting it.
 *
 * @throws TypeError when an option does not exist or cannot be used, or the first argument is not a Keyv
 */
export function keyvStore(keyv: KeyvLike, options: KeyvStoreOptions = {}): Store {
  checkValue('keyvStore(): the first argument', keyv, keyvPort);
  checkOptions<KeyvStoreOptions>('keyvStore()', options, { keyPrefix: stringValue });
  const { keyPrefix = '' } = options;
  const observe = watchErrors(keyv);
  const toKey = (key: string): string => keyPrefix + key;
  return {
    async getMany(keys) {
      if (keys.length === 0) return [];
      const { response, error } = await observe(() => keyv.getMany(keys.map(toKey)));
      const values = keys.map((_, index) => toStoredValue(response[index]));
      if (error !== undefined && values.includes(undefined)) {
        throw new Error(`Keyv could not read ${keys.length} keys, the first of which is "${toKey(keys[0] ?? '')}"`, {
          cause: error,
        });
      }
      return values;
    },
    async set(key, value, ttlMs) {
      const { response, error } = await observe(() => keyv.set(toKey(key), value, toTtlMs(ttlMs)));
      return response === true && error === undefined;
    },
    async delete(key) {
      const { response, error } = await observe(() => keyv.delete(toKey(key)));
      // `false` without an error means that there was nothing to remove, which is what was asked for.
      return response === true || error === undefined;
    },
  };
}

function toStoredValue(value: unknown): StoredValue | undefined {
  if (typeof value === 'string') return value;
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * Whole milliseconds from 1 to a year. To Keyv 6 zero, a negative number and NaN all mean "never expires", and a
 * fraction is refused by some servers.
 */
function toTtlMs(ttlMs: number): number {
  return Math.min(Math.max(Math.ceil(ttlMs) || 1, 1), maxTtlMs);
}
