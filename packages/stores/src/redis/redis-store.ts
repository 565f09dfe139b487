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
      return keys.map((key, index) =>
        keyKind(key) === 'mark' ? readMark(texts[index], run) : readRecord(texts[index]),
      );
    },
    async set(key, value, ttlMs) {
      const text = keyKind(key) === 'mark' ? writeMark(String(value), await runs.current()) : JSON.stringify(value);
      return (await client.set(toKey(key), text, { expiration: expiration(ttlMs) })) === 'OK';
    },
    async setFirst(key, mark, ttlMs) {
      const run = await runs.current();
      const text = writeMark(mark, run);
      const options = { expiration: expiration(ttlMs), condition: 'NX', GET: true } as const;
      const existing = await client.set(toKey(key), text, options);
      if (existing === null || readMark(existing, run) !== undefined) return true;
      // The mark of an earlier run, or of another kind of store, counts as absent, so it is replaced.
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
function writeMark(mark: string, run: string | undefined): string {
  return run === undefined ? mark : `@${run} ${mark}`;
}

/** @param run - the present run; a mark of another one counts as absent. `undefined`: runs are not compared */
function readMark(text: unknown, run: string | undefined): string | undefined {
  if (typeof text !== 'string' || text.startsWith('{')) return undefined;
  const written = /^@(\S+) (.*)$/s.exec(text);
  if (written === null) return run === undefined ? text : undefined;
  return run === undefined || written[1] === run ? written[2] : undefined;
}

function readRecord(text: unknown): StoredValue | undefined {
  const value = typeof text === 'string' ? parsed(text) : undefined;
  return typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
