import { once } from 'node:events';
import KeyvRedis from '@keyv/redis';
import { createGuard, type Guard, missingOriginal, type Outcome, type Store } from '@safelight/core';
import { keyvStore, memoryStore, redisStore } from '@safelight/stores';
import Keyv from 'keyv';
import { becomesReady, type Client, recommendedClient } from './redis-client.ts';
import { type OwnRedis, ownRedis } from './redis-server.ts';

/** A process that shares a real Redis with others. */
export interface AwayProcess {
  readonly client: Client;
  readonly guard: Guard;
  readonly store: Store;
  /** How many times it has looked for an original. */
  attempts: number;
  /** Requests a derivation of an asset that is missing until it is in `present`. */
  ask(asset?: string, options?: { readonly isCached?: boolean }): Promise<Outcome<string>>;
}

/** Processes with one real Redis, which the test stops and starts, and with a clock that the test moves. */
export interface AwayScene {
  readonly redis: OwnRedis;
  readonly processes: readonly AwayProcess[];
  readonly present: Set<string>;
  advance(ms: number): void;
  /** Ends the server. Resolves when all clients have seen it. */
  stop(): Promise<void>;
  /** Starts the server, without data. Resolves when all clients are ready. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface AwaySceneOptions {
  /** @default 1 */
  readonly processes?: number;
  /** Whether the store gets the client of its Keyv. @default true */
  readonly hasClient?: boolean;
  /** Whether the store is `redisStore`, which has leases, and not a Keyv. @default false */
  readonly isRedisStore?: boolean;
}

export async function awayScene(options: AwaySceneOptions = {}): Promise<AwayScene> {
  const { processes: count = 1, hasClient = true, isRedisStore = false } = options;
  let time = 1_800_000_000_000;
  const clock = () => time;
  const redis = await ownRedis();
  const present = new Set<string>();
  let isClosed = false;

  async function open(): Promise<AwayProcess> {
    const client = recommendedClient({ path: redis.socketPath });
    const shared = isRedisStore
      ? redisStore(client)
      : keyvStore(new Keyv(new KeyvRedis(client)), hasClient ? { client } : {});
    // A change that was refused is written again later. After the end of the test, that would open the client again.
    const store: Store = { ...shared, set: async (...call) => isClosed || shared.set(...call) };
    await client.connect();
    const guard = createGuard({ store, localFallback: memoryStore({ clock }), clock });
    const process: AwayProcess = {
      client,
      guard,
      store,
      attempts: 0,
      async ask(asset = 'cat', { isCached = false } = {}) {
        return guard.handle({
          target: { assets: [asset], derivation: 'w_300', version: undefined, isCached },
          take: () => true,
          checksSuccess: true,
          ...(isCached ? { storeValue: async (value: string) => ({ name: value, cachedAt: clock() }) } : {}),
          work: (attempt) =>
            attempt.findOriginal(async () => {
              process.attempts += 1;
              if (!present.has(asset)) throw missingOriginal(asset);
              return asset;
            }),
        });
      },
    };
    return process;
  }

  const processes = await Promise.all(Array.from({ length: count }, open));
  const clients = processes.map(({ client }) => client);
  return {
    redis,
    processes,
    present,
    advance(ms) {
      time += ms;
    },
    async stop() {
      const broken = clients.map((client) => once(client, 'error'));
      await redis.kill();
      await Promise.all(broken);
    },
    async start() {
      const ready = clients.map(becomesReady);
      await redis.start();
      await Promise.all(ready);
    },
    async close() {
      isClosed = true;
      for (const client of clients) client.destroy();
      await redis.remove();
    },
  };
}
