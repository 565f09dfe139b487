import { keyKind, markTtlMs, type Store, type StoredValue } from '@safelight/core';
import { checkOptions, checkValue, portValue, stringValue } from '@safelight/protocol';
import { type ErrorSource, watchErrors } from './error-watch.ts';

/** The methods of Keyv that `keyvStore` uses. Keyv 5.6 and 6.1 both have them. */
export interface KeyvLike extends ErrorSource {
  getMany(keys: string[]): Promise<readonly unknown[]>;
  set(key: string, value: unknown, ttlMs?: number): Promise<unknown>;
  delete(key: string): Promise<boolean>;
}

export interface KeyvStoreOptions {
  /**
   * Text before each key, for a database that other applications also use. All processes that share records need the
   * same.
   * @default ''
   */
  readonly keyPrefix?: string;
  /**
   * The Redis client of the Keyv, such as `createClient()` of `@keyv/redis`. With it, the guard uses the store again as
   * soon as the client is ready after an outage. The marks of assets that were only asked for expire together with their
   * failures, if the Keyv has no namespace and the server is Redis 7 or Valkey.
   * @default the guard uses the store again after one second, and such a mark lives as long as the longest possible
   *   record under it
   */
  readonly client?: KeyvClientLike;
}

/** The members of a Redis client that `keyvStore` uses: `PEXPIRE` with the condition `GT` or `LT`, and the event `ready`. */
export interface KeyvClientLike {
  on(event: 'ready', listener: () => void): unknown;
  pExpire(key: string, ttlMs: number, mode?: 'GT' | 'LT'): Promise<unknown>;
}

const clientPort = portValue('the Redis client of the Keyv, such as createClient() of @keyv/redis', ['on', 'pExpire']);
const keyvPort = portValue('a Keyv, such as new Keyv(adapter)', ['getMany', 'set', 'delete']);

/** One year: longer than any TTL of the guard, and small enough for the expiry arithmetic of all servers. */
const maxTtlMs = 365 * 24 * 60 * 60 * 1000;

/**
 * A Store over any Keyv (5.6 or later, 6.1 or later). The caller creates and closes the Keyv.
 *
 * The store listens for `'error'`. If an error was emitted during a read, the read rejects, unless all keys were found.
 * If an error was emitted during a write, the write is not confirmed.
 *
 * The reason, measured with Keyv 6.1.0 and 5.6.0 and with `@keyv/redis` 5.1.6 and 6.0.0-rc.1: without a listener, calls
 * reject, but a connection that drops between calls ends the process. With a listener, calls do not reject:
 *
 * - A failed read gives `undefined` for each key, as for an absent key.
 * - A failed `delete` gives `false`, as for an absent key.
 * - A failed `set` gives `false`, but `true` with `@keyv/redis` 5.1.6 without its `throwOnErrors`.
 *
 * The error is always emitted before the call settles.
 *
 * A `keyv` without `on` must reject when it cannot read. Keyv 5 over an adapter without `getMany` neither rejects nor
 * emits the error; do not use it.
 *
 * @throws {TypeError} when an option does not exist or has a wrong type, or when the first argument is not a Keyv
 *
 * @example
 * import Keyv from 'keyv';
 *
 * const store = keyvStore(new Keyv(), { keyPrefix: 'safelight:' });
 * await store.set('g:{cat}', 'a mark', 60_000); // true
 * await store.getMany(['g:{cat}', 'g:{dog}']); // ['a mark', undefined]
 */
export function keyvStore(keyv: KeyvLike, options: KeyvStoreOptions = {}): Store {
  checkValue('keyvStore(): the first argument', keyv, keyvPort);
  checkOptions<KeyvStoreOptions>('keyvStore()', options, { keyPrefix: stringValue, client: clientPort });
  const { keyPrefix = '', client } = options;
  const observe = watchErrors(keyv);
  const toKey = (key: string): string => keyPrefix + key;

  async function write(key: string, value: StoredValue, ttlMs: number): Promise<boolean> {
    const { result, error } = await observe(() => keyv.set(toKey(key), value, toTtlMs(ttlMs)));
    return result === true && error === undefined;
  }

  return {
    ...(client === undefined ? {} : ofClient(client, toKey)),
    async getMany(keys) {
      if (keys.length === 0) return [];
      const { result, error } = await observe(() => keyv.getMany(keys.map(toKey)));
      const values = keys.map((_, index) => toStoredValue(result[index]));
      if (error !== undefined && values.includes(undefined)) {
        throw new Error(`Keyv could not read ${keys.length} keys; the first key is "${toKey(keys[0] ?? '')}".`, {
          cause: error,
        });
      }
      return values;
    },
    async set(key, value, ttlMs) {
      if (client === undefined || keyKind(key) !== 'mark' || ttlMs >= markTtlMs) return write(key, value, ttlMs);
      // Keyv stores the time of expiry also beside the value, where the server cannot lengthen it. So the mark is written
      // with the longest life and then shortened. If that fails, the mark lives longer than it has to.
      if (!(await write(key, value, markTtlMs))) return false;
      await expire(client, toKey(key), ttlMs, 'LT');
      return true;
    },
    async delete(key) {
      const { result, error } = await observe(() => keyv.delete(toKey(key)));
      // `false` without an error means that the key was already absent.
      return result === true || error === undefined;
    },
  };
}

/** The members of the store that need the client. */
function ofClient(client: KeyvClientLike, toKey: (key: string) => string): Required<Pick<Store, 'extend' | 'onReady'>> {
  return {
    extend: (key, ttlMs) => expire(client, toKey(key), ttlMs, 'GT'),
    onReady: (listener) => void client.on('ready', listener),
  };
}

/** @returns whether the server has executed the command; servers before Redis 7 refuse the modes */
async function expire(client: KeyvClientLike, key: string, ttlMs: number, mode: 'GT' | 'LT'): Promise<boolean> {
  try {
    await client.pExpire(key, toTtlMs(ttlMs), mode);
    return true;
  } catch {
    return false;
  }
}

function toStoredValue(value: unknown): StoredValue | undefined {
  if (typeof value === 'string') return value;
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * Whole milliseconds from 1 to one year. For Keyv 6, zero, negative numbers and NaN mean "never expires", and some
 * servers refuse fractions.
 */
function toTtlMs(ttlMs: number): number {
  return Math.min(Math.max(Math.ceil(ttlMs) || 1, 1), maxTtlMs);
}
