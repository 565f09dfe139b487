import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import KeyvRedis, { createClient } from '@keyv/redis';
import type { Store } from '@safelight/core';
import { keyvStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';
import Keyv from 'keyv';
import { hasRedisServer, type OwnRedis, ownRedis, redisResponds, redisUrl } from './redis-server.ts';

const HOUR_MS = 60 * 60 * 1000;

type Client = ReturnType<typeof createClient>;

/** The settings that the README recommends, with the server's longest silence as a parameter. */
function recommendedClient(where: { readonly url: string } | { readonly path: string }, silenceMs = 5000): Client {
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

/** Not `once` of node:events: that rejects with the errors of attempts to connect again. */
function becomesReady(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', () => resolve());
  });
}

/** On a build machine a missing service is a failure; elsewhere the suite says what it did not run. */
function missing(what: string): void {
  if (process.env['CI'] === undefined) it.skip(`not run: ${what}`);
  else it('has what it needs', () => assert.fail(`${what}, and on CI nothing is skipped`));
}

const redisIsThere = await redisResponds();

describe(`keyvStore over Keyv 6 and Redis at ${redisUrl}`, () => {
  if (!redisIsThere) return missing(`no Redis answers at ${redisUrl}; start one or set REDIS_URL`);
  storeConformance({
    describe,
    it,
    capabilities: { shared: true },
    async create() {
      const keyPrefix = `safelight-test:${randomUUID()}:`;
      const clients = [recommendedClient({ url: redisUrl }), recommendedClient({ url: redisUrl })] as const;
      const [keyv, second] = clients.map((client) => new Keyv(new KeyvRedis(client))) as [Keyv, Keyv];
      const stores = { store: keyvStore(keyv, { keyPrefix }), second: keyvStore(second, { keyPrefix }) };
      await Promise.all(clients.map((client) => client.connect()));
      return {
        ...stores,
        close: async () => {
          for await (const keys of clients[0].scanIterator({ MATCH: `${keyPrefix}*`, COUNT: 1000 })) {
            if (keys.length > 0) await clients[0].del(keys);
          }
          await Promise.all([keyv.disconnect(), second.disconnect()]);
        },
      };
    },
  });
});

describe('keyvStore over Keyv 6 and a Redis that comes and goes', () => {
  if (!hasRedisServer()) return missing('there is no redis-server on the PATH to start');

  let redis: OwnRedis;
  const open = async (silenceMs?: number) => {
    const client = recommendedClient({ path: redis.socketPath }, silenceMs);
    const store = keyvStore(new Keyv(new KeyvRedis(client)), { keyPrefix: `${randomUUID()}:` });
    await client.connect();
    return { client, store };
  };

  before(async () => {
    redis = await ownRedis();
  });

  after(() => redis.remove());

  storeConformance({
    describe,
    it,
    capabilities: { outage: true },
    async create() {
      const { client, store } = await open();
      return {
        store,
        cut: async () => {
          // The connection has noticed when the client says so; a call before that is the next test's matter.
          const noticed = once(client, 'error');
          await redis.kill();
          await noticed;
        },
        mend: async () => {
          const ready = becomesReady(client);
          await redis.start();
          await ready;
        },
        close: async () => {
          client.destroy();
          await redis.start();
        },
      };
    },
  });

  describe('and goes in the middle of calls', () => {
    let client: Client;

    const callEverything = (store: Store) =>
      Promise.allSettled([store.getMany(['k', 'absent']), store.set('k', 'y', HOUR_MS), store.delete('k')]);

    afterEach(async () => {
      client.destroy();
      await redis.kill();
      await redis.start();
    });

    it('a connection that breaks under calls ends all of them, without a confirmation', async () => {
      const opened = await open();
      client = opened.client;
      redis.freeze();
      const calls = callEverything(opened.store);
      const broken = once(client, 'error');
      await redis.kill();
      await broken;
      assertUnconfirmed(await calls);
    });

    it('a server that falls silent ends calls after the socket timeout', async () => {
      const opened = await open(250);
      client = opened.client;
      redis.freeze();
      assertUnconfirmed(await callEverything(opened.store));
    });

    it('calls during the outage are answered at once, and calls after it work', async () => {
      const opened = await open();
      client = opened.client;
      const broken = once(client, 'error');
      await redis.kill();
      await broken;
      for (let round = 0; round < 3; round += 1) assertUnconfirmed(await callEverything(opened.store));
      const ready = becomesReady(client);
      await redis.start();
      await ready;
      assert.equal(await opened.store.set('k', 'z', HOUR_MS), true);
      assert.deepEqual(await opened.store.getMany(['k', 'absent']), ['z', undefined]);
    });

    it('a server that is not there yet is an outage, not a wait, when the client is told to connect', async () => {
      await redis.kill();
      client = recommendedClient({ path: redis.socketPath });
      const store = keyvStore(new Keyv(new KeyvRedis(client)));
      const ready = becomesReady(client);
      const connected = client.connect();
      assertUnconfirmed(await callEverything(store));
      await redis.start();
      await Promise.all([connected, ready]);
      assert.equal(await store.set('k', 'z', HOUR_MS), true);
    });

    it('a lost write is sent once: after the restart it is not there', async () => {
      const opened = await open();
      client = opened.client;
      redis.freeze();
      const write = opened.store.set('k', 'lost', HOUR_MS);
      await redis.kill();
      assert.equal(await write, false);
      const ready = becomesReady(client);
      await redis.start();
      await ready;
      assert.deepEqual(await opened.store.getMany(['k']), [undefined]);
    });
  });
});

/** Reads reject, and writes reject or give `false`. */
function assertUnconfirmed([read, ...writes]: readonly PromiseSettledResult<unknown>[]): void {
  assert.equal(read?.status, 'rejected');
  for (const write of writes) assert.notEqual(write.status === 'fulfilled' && write.value, true);
}
