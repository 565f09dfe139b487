import KeyvRedis, { createClient } from '@keyv/redis';
import type { Store } from '@safelight/core';
import { keyvStore } from '@safelight/stores';
import Keyv from 'keyv';

export type Client = ReturnType<typeof createClient>;

/** The settings that the README recommends, with the server's longest silence as a parameter. */
export function recommendedClient(
  where: { readonly url: string } | { readonly path: string },
  silenceMs = 5000,
): Client {
  const socket = {
    connectTimeout: 1000,
    socketTimeout: silenceMs,
    reconnectStrategy: (attempt: number): number => Math.min(20 * 2 ** attempt, 2000),
  };
  return createClient({
    disableOfflineQueue: true,
    pingInterval: silenceMs / 5,
    ...('url' in where ? { url: where.url, socket } : { socket: { ...socket, path: where.path, tls: false } }),
  });
}

/** A connected client of the Redis at a Unix socket, and the store over it. */
export async function openRedisStore(path: string): Promise<{ readonly client: Client; readonly store: Store }> {
  const client = recommendedClient({ path });
  const store = keyvStore(new Keyv(new KeyvRedis(client)), { client });
  await client.connect();
  return { client, store };
}

/** Not `once` of node:events, because it rejects when an attempt to reconnect emits an error. */
export function becomesReady(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', () => resolve());
  });
}
