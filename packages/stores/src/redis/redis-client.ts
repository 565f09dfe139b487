/**
 * The methods of a client of `@redis/client` that `redisStore` uses. `createClient()`, `createSentinel()` and
 * `createCluster()` have them.
 */
export interface RedisClientLike {
  mGet(keys: string[]): Promise<unknown>;
  set(
    key: string,
    value: string,
    options: {
      readonly expiration: { readonly type: 'PX'; readonly value: number };
      readonly condition?: 'NX';
      readonly GET?: boolean;
    },
  ): Promise<unknown>;
  pExpire(key: string, ttlMs: number, mode: 'GT'): Promise<unknown>;
  del(key: string): Promise<unknown>;
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>;
  eval(script: string, options: RedisScriptOptions): Promise<unknown>;
  /** Only a client of one server has it. */
  info?(section: 'server'): Promise<unknown>;
  on(event: 'ready' | 'error', listener: (error?: unknown) => void): unknown;
  /** Only a client of a cluster has it. */
  readonly masters?: unknown;
}

/** The keys and arguments of a script. */
export interface RedisScriptOptions {
  readonly keys: string[];
  readonly arguments: string[];
}

/** A server that is full or read-only, or has too few replicas, can still be read. */
const refusals = ['OOM', 'READONLY', 'MISCONF', 'NOREPLICAS'];

/** Whether the server has refused a command, and has done nothing. @param codes - the first words of the refusals */
export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  const expected = codes.length === 0 ? refusals : codes;
  return error instanceof Error && expected.some((code) => error.message.startsWith(`${code} `));
}

/** What a server says of itself in `INFO server`. */
export interface RedisServerFacts {
  readonly name: 'Redis' | 'Valkey';
  /** Such as `7.0.15`. */
  readonly version: string;
  /** A random text that changes at each start of the server; `undefined` when the server does not tell it. */
  readonly runId: string | undefined;
}

/** The oldest versions with all commands: `SET` with `NX` and `GET`, and `PEXPIRE` with `GT`. */
const oldest = { Redis: [7, 0], Valkey: [7, 2] } as const;

/** @throws {Error} when the text has no version */
export function readServerFacts(info: string): RedisServerFacts {
  const value = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)\\s*$`, 'm').exec(info)?.[1];
  const valkey = value('valkey_version');
  const version = valkey ?? value('redis_version');
  if (version === undefined) throw new Error('The server does not tell its version in INFO server.');
  return { name: valkey === undefined ? 'Redis' : 'Valkey', version, runId: value('run_id') };
}

/** @throws {Error} when the server is too old; the message has its version */
export function checkVersion({ name, version }: RedisServerFacts): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldest[name];
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`The store is ${name} ${version}. Safelight needs Redis 7.0 or Valkey 7.2, or a later version.`);
}

/**
 * Asks a server for its version, to find a server that is too old before it is used. Call it when the client is connected.
 *
 * @throws {Error} when the server is too old, or does not tell its version
 * @example
 * import { createClient } from '@redis/client';
 *
 * const client = createClient({ url: 'redis://localhost:6379' });
 * await client.connect();
 * const { name, version } = await checkRedisServer(client); // 'Redis', '7.0.15'
 */
export async function checkRedisServer(client: Pick<RedisClientLike, 'info'>): Promise<RedisServerFacts> {
  if (client.info === undefined) throw new Error('This client cannot ask a server for its version.');
  const facts = readServerFacts(String(await client.info('server')));
  checkVersion(facts);
  return facts;
}
