import { keyKind, type Store, type StoredValue } from '@safelight/core';
import { checkOptions, checkValue, functionValue, portValue, stringValue } from '@safelight/protocol';
import type { RedisClientLike } from './redis-client.ts';
import { createServerRuns } from './server-runs.ts';

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
  'on',
]);

/** One year: longer than any TTL of the guard, and small enough for the expiry arithmetic of all servers. */
const maxTtlMs = 365 * 24 * 60 * 60 * 1000;

/**
 * A Store over a client of `@redis/client` 6, for Redis 7.0 or later and Valkey 7.2 or later (`checkRedisServer`). The caller
 * creates, connects and closes the client. A look-up is one command.
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
  const isCluster = client.masters !== undefined;

  return {
    onReady: (listener) => void client.on('ready', () => listener()),
    async getMany(keys) {
      if (keys.length === 0) return [];
      const [run, texts] = await Promise.all([runs.current(), readTexts(keys)]);
      return keys.map((key, index) => readValue(texts[index], keyKind(key) === 'mark' ? run : undefined));
    },
    async set(key, value, ttlMs) {
      const text = writeValue(value, keyKind(key) === 'mark' ? await runs.current() : undefined);
      return (await client.set(toKey(key), text, { expiration: expiration(ttlMs) })) === 'OK';
    },
    async setFirst(key, mark, ttlMs) {
      const run = await runs.current();
      const text = writeValue(mark, run);
      const options = { expiration: expiration(ttlMs), condition: 'NX', GET: true } as const;
      const existing = await client.set(toKey(key), text, options);
      if (existing === null || readValue(existing, run) !== undefined) return true;
      // The mark of an earlier run: it counts as absent, so it is replaced.
      return (await client.set(toKey(key), text, { expiration: expiration(ttlMs) })) === 'OK';
    },
    async extend(key, ttlMs) {
      await client.pExpire(toKey(key), toTtlMs(ttlMs), 'GT');
      return true;
    },
    async delete(key) {
      await client.del(toKey(key));
      return true;
    },
  };

  /** One `MGET`; of a cluster, one for the keys of each asset, all at the same time. */
  async function readTexts(keys: readonly string[]): Promise<readonly unknown[]> {
    if (!isCluster) return (await client.mGet(keys.map(toKey))) as readonly unknown[];
    const groups = new Map<string, string[]>();
    for (const key of keys) groups.set(slotTag(key), [...(groups.get(slotTag(key)) ?? []), key]);
    const read = await Promise.all(
      [...groups.values()].map(async (group) => {
        const texts = (await client.mGet(group.map(toKey))) as readonly unknown[];
        return group.map((key, index) => [key, texts[index]] as const);
      }),
    );
    const textOf = new Map(read.flat());
    return keys.map((key) => textOf.get(key));
  }
}

/** The part of a key that decides its slot in a cluster. */
function slotTag(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

function expiration(ttlMs: number): { readonly type: 'PX'; readonly value: number } {
  return { type: 'PX', value: toTtlMs(ttlMs) };
}

/** Whole milliseconds from 1 to one year: Redis refuses others. */
function toTtlMs(ttlMs: number): number {
  return Math.min(Math.max(Math.ceil(ttlMs) || 1, 1), maxTtlMs);
}

/** A mark stands after its run, in one text: `@<run> <mark>`. */
function writeValue(value: StoredValue, run: string | undefined): string {
  return JSON.stringify(run === undefined ? value : `@${run} ${String(value)}`);
}

/** @param run - the present run; a mark of another one counts as absent. `undefined`: runs are not compared */
function readValue(text: unknown, run: string | undefined): StoredValue | undefined {
  if (typeof text !== 'string') return undefined;
  const value = parsed(text);
  if (typeof value !== 'string') return typeof value === 'object' && value !== null ? value : undefined;
  const written = /^@(\S+) (.*)$/s.exec(value);
  if (written === null) return run === undefined ? value : undefined;
  return run === undefined || written[1] === run ? written[2] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
