import { createClient } from '@keyv/redis';

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

/** Not `once` of node:events, because it rejects when an attempt to reconnect emits an error. */
export function becomesReady(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', () => resolve());
  });
}
