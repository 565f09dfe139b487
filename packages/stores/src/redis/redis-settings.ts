/** The settings of a server that decide what it loses, and when. They have the names and values of `CONFIG GET`. */
export const settingNames = ['save', 'appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy'] as const;

export type RedisSettings = { readonly [Name in (typeof settingNames)[number]]?: string | undefined };

/** The method of a client of `@redis/client` that reads settings. Only a client of one server has it. */
export interface RedisConfigClient {
  configGet?(parameters: string[]): Promise<unknown>;
}

/**
 * Reads the settings of a Redis or Valkey, and says which of them a store should not have, and what to do. Call it once,
 * when the client is connected.
 *
 * @returns one line for each such setting. None when the server forbids or renames `CONFIG`, as providers of Redis do, or
 *   when it cannot be read
 * @example
 * import { createClient } from '@redis/client';
 *
 * const client = createClient({ url: 'redis://localhost:6379' });
 * await client.connect();
 * const warnings = await redisSettingsWarnings(client); // one line for each setting to change
 */
export async function redisSettingsWarnings(client: RedisConfigClient): Promise<readonly string[]> {
  const settings = await client.configGet?.([...settingNames]).catch(() => undefined);
  return typeof settings === 'object' && settings !== null ? warningsOf(settings) : [];
}

export function warningsOf(settings: RedisSettings): readonly string[] {
  return [persistenceWarning(settings), memoryWarning(settings)].filter((warning) => warning !== undefined);
}

/** What the run of the server in each mark protects from, and what not. */
const withRuns =
  'marks have the run_id of the server, so redisStore then serves no old failures and pictures, but a keyvStore on this server may. Persistence gains nothing, since failures are forgotten at each restart';

/** With `appendonly` a server starts from its log, and does not read its snapshot. */
function persistenceWarning({ save, appendonly, appendfsync }: RedisSettings): string | undefined {
  if (appendonly === 'yes') {
    if (appendfsync === undefined || appendfsync === 'always') return undefined;
    return `appendfsync is ${appendfsync}: a crash loses the newest writes and brings older ones back; ${withRuns}. Set appendonly no and save "", or appendfsync always.`;
  }
  if (save === undefined || save === '') return undefined;
  return `save is "${save}": after a crash the server comes back with an old snapshot; ${withRuns}. Set save "".`;
}

function memoryWarning({ maxmemory, 'maxmemory-policy': policy = '' }: RedisSettings): string | undefined {
  if (maxmemory === undefined) return undefined;
  if (maxmemory === '0') {
    return 'maxmemory is 0: requests for many invented names fill the memory until the system ends the server. Set maxmemory, such as 256mb, and maxmemory-policy allkeys-lru.';
  }
  const risk = riskOfPolicy(policy);
  return risk && `maxmemory-policy is ${policy}: ${risk}. Set maxmemory-policy allkeys-lru.`;
}

function riskOfPolicy(policy: string): string | undefined {
  if (policy === 'noeviction') {
    return 'a full server refuses the marks of changes, so uploads fail with 503, and each process holds failures alone';
  }
  if (policy.endsWith('-random')) {
    return 'a full server forgets assets that are in use, and each costs another run of its handler';
  }
  if (policy.startsWith('volatile-')) {
    return 'all keys of Safelight expire, so keys of other applications that do not expire can take their whole memory, and then changes are refused';
  }
  return undefined;
}
