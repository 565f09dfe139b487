import { keyKind, type Store } from '@safelight/core';
import { checkOptions, checkValue, functionValue, portValue, stringValue } from '@safelight/protocol';
import { isRefusal, type RedisClientLike } from './redis-client.ts';
import { redisLeases } from './redis-leases.ts';
import { redisValues } from './redis-values.ts';
import { createServerRuns } from './server-runs.ts';
import { readMark, toTtlMs, writeMark } from './stored-texts.ts';

export interface RedisStoreOptions {
  /**
   * Text before each key, for a database that other applications also use. All processes that share records need the same.
   * @default 'safelight:'
   */
  readonly keyPrefix?: string;
  /** Gets one warning when the runs of the server cannot be told apart. @default console.warn */
  readonly onWarning?: (warning: Error) => void;
}

const clientPort = portValue('a client, such as createClient() of @redis/client', [
  'mGet',
  'set',
  'pExpire',
  'del',
  'evalSha',
  'eval',
  'on',
]);

/**
 * A Store over a client of `@redis/client` 6, for Redis 7.0 or later and Valkey 7.2 or later (`checkRedisServer`). The caller
 * creates, connects and closes the client. A look-up is one command. Leases and records are scripts of the server.
 *
 * Marks have the run of the server that has confirmed them. After a restart of the server, marks of earlier runs count as
 * absent, since a server may come back with an old snapshot. Then all remembered failures and derivatives are forgotten. With
 * a cluster, a server that hides its `run_id`, or a proxy that uses several servers, runs cannot be told apart.
 *
 * Set the client up so that a call without a connection fails at once (`disableOfflineQueue`): a write that is sent later may
 * hide an upload that came in between.
 *
 * @throws {TypeError} when an option does not exist or has a wrong type, or when the first argument is not a client
 * @example
 * import { createClient } from '@redis/client';
 *
 * const client = createClient({ url: 'redis://localhost:6379', disableOfflineQueue: true, pingInterval: 1000 });
 * client.on('error', console.error);
 * await client.connect();
 * const store = redisStore(client);
 * await store.set('g:{cat}', 'a mark', 60_000); // true
 */
export function redisStore(client: RedisClientLike, options: RedisStoreOptions = {}): Store {
  checkValue('redisStore(): the first argument', client, clientPort);
  checkOptions<RedisStoreOptions>('redisStore()', options, {
    keyPrefix: stringValue,
    onWarning: functionValue('console.warn'),
  });
  const { keyPrefix = 'safelight:', onWarning = console.warn } = options;
  const runs = createServerRuns(client, { onWarning });
  const toKey = (key: string): string => keyPrefix + key;
  const values = redisValues({ client, runs, toKey });

  const write = (key: string, text: string, ttlMs: number): Promise<boolean> =>
    unlessRefused(async () => (await client.set(toKey(key), text, { expiration: expiration(ttlMs) })) === 'OK');

  return {
    onReady: (listener) => void client.on('ready', () => listener()),
    getMany: values.getMany,
    async set(key, value, ttlMs) {
      const text = keyKind(key) === 'mark' ? writeMark(String(value), await runs.current()) : JSON.stringify(value);
      return write(key, text, ttlMs);
    },
    async setFirst(key, mark, ttlMs) {
      const run = await runs.current();
      const text = writeMark(mark, run);
      const options = { expiration: expiration(ttlMs), condition: 'NX', GET: true } as const;
      return unlessRefused(async () => {
        const existing = await client.set(toKey(key), text, options);
        if (existing === null || readMark(existing, run) !== undefined) return true;
        // The mark of an earlier run, or without a run, counts as absent, so it is replaced.
        return write(key, text, ttlMs);
      });
    },
    extend: (key, ttlMs) =>
      unlessRefused(async () => {
        await client.pExpire(toKey(key), toTtlMs(ttlMs), 'GT');
        return true;
      }),
    delete: (key) =>
      unlessRefused(async () => {
        await client.del(toKey(key));
        return true;
      }),
    leases: redisLeases({ client, runs, toKey, values }),
  };
}

/** @returns `false` when the server is full or read-only, and has done nothing. It can still be read */
async function unlessRefused(call: () => Promise<boolean>): Promise<boolean> {
  try {
    return await call();
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function expiration(ttlMs: number): { readonly type: 'PX'; readonly value: number } {
  return { type: 'PX', value: toTtlMs(ttlMs) };
}
