import type { Store } from '@safelight/core';
import { checkRedisServer, type RedisClientLike, redisSettingsWarnings, redisStore } from '@safelight/stores';
import { describeError } from './describe-error.ts';
import { failure, usageError } from './exit-code.ts';
import { loadRedis } from './load-redis.ts';

/** Where the store of a process is, and whether the process reaches it. `sinceAt` is in epoch milliseconds. */
export type StoreState =
  | { readonly state: 'embedded' | 'connected' }
  | { readonly state: 'away'; readonly sinceAt: number };

/** A store outside this process. All processes with the same `--store` share it. */
export interface OpenStore {
  readonly store: Store;
  /** The URL without its password. */
  readonly name: string;
  /**
   * Connects, and repeats failed attempts in the background.
   * @returns whether the first attempt succeeded
   * @throws {CommandError} when the server is too old
   */
  connect(): Promise<boolean>;
  /** What this process knows without asking the store. */
  state(): StoreState;
  close(): Promise<void>;
}

/** The prefix of all keys, so that other applications can use the same Redis. */
export const keyPrefix = 'safelight:';

const silenceMs = 5000;

/**
 * Checks a `--store` URL and creates the store. It does not connect yet.
 * @param url - `redis://host:port`, or `rediss://host:port` for TLS
 * @param say - called with one line when the connection is lost and when it is back
 * @throws {CommandError} when the URL has another form, or the client for Redis is not installed
 */
export async function openStore(url: string, say: (line: string) => void): Promise<OpenStore> {
  const name = checkedName(url);
  const { createClient } = await loadRedis();
  const client = createClient({
    url,
    // Without a connection a call must fail at once and must not be sent later. A failure that is written late could
    // hide an upload that came in between.
    disableOfflineQueue: true,
    pingInterval: silenceMs / 5,
    socket: {
      connectTimeout: 1000,
      socketTimeout: silenceMs,
      reconnectStrategy: (attempt) => Math.min(20 * 2 ** attempt, 2000),
    },
  });
  let state: 'new' | 'ready' | 'lost' | 'closed' = 'new';
  let sinceAt = Date.now();
  client.on('error', (error: unknown) => {
    if (state === 'new' || state === 'ready') {
      say(
        `the store ${name} ${state === 'new' ? 'cannot be reached' : 'is lost'} (${describeError(error)}); until it is connected, this process remembers failures in its own memory`,
      );
      state = 'lost';
      sinceAt = Date.now();
    }
  });
  client.on('ready', () => {
    if (state === 'lost') say(`the store ${name} is connected`);
    if (state !== 'closed') state = 'ready';
  });
  // At the first connection, which may come long after the start.
  client.once('ready', async () => {
    for (const warning of await redisSettingsWarnings(client)) say(`the store ${name}: ${warning}`);
  });

  return {
    name,
    store: redisStore(client, { keyPrefix, onWarning: (warning) => say(`the store ${name}: ${warning.message}`) }),
    async connect() {
      const isConnected = await new Promise<boolean>((resolve) => {
        client.once('ready', () => resolve(true));
        client.once('error', () => resolve(false));
        // The client goes on connecting in the background. The events report the outcome.
        client.connect().catch(() => resolve(false));
      });
      if (isConnected) await checkServer(client, name);
      return isConnected;
    },
    state: () => (state === 'ready' ? { state: 'connected' } : { state: 'away', sinceAt }),
    async close() {
      state = 'closed';
      if (client.isReady) await client.close().catch(() => undefined);
      if (client.isOpen) client.destroy();
    },
  };
}

/** @throws {CommandError} when the server is too old. A server that does not tell its version is used */
async function checkServer(client: Pick<RedisClientLike, 'info'>, name: string): Promise<void> {
  try {
    await checkRedisServer(client);
  } catch (error) {
    const { message } = error as Error;
    if (/ needs Redis /.test(message)) throw failure(`${name} cannot be used: ${message}`, error);
  }
}

function checkedName(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw usageError(
      `"${withoutPassword(url)}" is not the URL of a store; write redis://host:6379 or, with TLS, rediss://host:6379. Without --store, failures are remembered in this process.`,
    );
  }
  return withoutPassword(url);
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
