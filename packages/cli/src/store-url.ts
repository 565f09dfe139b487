import type { Store } from '@safelight/core';
import { keyvStore } from '@safelight/stores';
import Keyv from 'keyv';
import { describeError } from './describe-error.ts';
import { usageError } from './exit-code.ts';
import { loadRedis } from './load-redis.ts';

/** A store outside this process, shared by every process that names it. */
export interface OpenStore {
  readonly store: Store;
  /** The URL without its password. */
  readonly name: string;
  /** Connects in the background for as long as it takes. @returns whether the first attempt got through */
  connect(): Promise<boolean>;
  close(): Promise<void>;
}

/** All of Safelight's keys begin with this, so that a Redis can be shared with others. */
export const keyPrefix = 'safelight:';

const silenceMs = 5000;

/**
 * Checks a `--store` URL and prepares what it names; nothing is connected yet.
 * @param say told in one line when the store is lost and when it is back
 * @throws {CommandError} for any URL but `redis:` and `rediss:`, and when the client for Redis is not installed
 */
export async function openStore(url: string, say: (line: string) => void): Promise<OpenStore> {
  const name = checkedName(url);
  const { default: KeyvRedis, createClient } = await loadRedis();
  const client = createClient({
    url,
    // Without a connection a call must fail at once and must not be sent later: a failure that is written late could
    // hide what was uploaded in between.
    disableOfflineQueue: true,
    pingInterval: silenceMs / 5,
    socket: {
      connectTimeout: 1000,
      socketTimeout: silenceMs,
      reconnectStrategy: (attempt) => Math.min(20 * 2 ** attempt, 2000),
    },
  });
  const keyv = new Keyv({ store: new KeyvRedis(client) });

  let state: 'new' | 'ready' | 'lost' | 'closed' = 'new';
  client.on('error', (error: unknown) => {
    if (state === 'new' || state === 'ready') {
      say(
        `the store ${name} ${state === 'new' ? 'does not answer' : 'is lost'} (${describeError(error)}); until it answers, this process remembers failures on its own`,
      );
      state = 'lost';
    }
  });
  client.on('ready', () => {
    if (state === 'lost') say(`the store ${name} answers`);
    if (state !== 'closed') state = 'ready';
  });

  return {
    name,
    store: keyvStore(keyv, { keyPrefix }),
    connect: () =>
      new Promise((resolve) => {
        client.once('ready', () => resolve(true));
        client.once('error', () => resolve(false));
        // Connecting goes on in the background; the events tell its outcome.
        client.connect().catch(() => resolve(false));
      }),
    async close() {
      state = 'closed';
      if (client.isReady) await keyv.disconnect().catch(() => undefined);
      if (client.isOpen) client.destroy();
    },
  };
}

function checkedName(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw usageError(
      `"${withoutPassword(url)}" names no store; write redis://host:6379 or, with TLS, rediss://host:6379. Without --store, failures are remembered in this process.`,
    );
  }
  return withoutPassword(url);
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
