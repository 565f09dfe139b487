import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import KeyvRedis from '@keyv/redis';
import type { Store } from '@safelight/core';
import { keyvStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';
import Keyv from 'keyv';
import { missingService } from '../../../test/servers/missing-service.ts';
import { becomesReady, type Client, recommendedClient } from './redis-client.ts';
import { hasRedisServer, type OwnRedis, ownRedis, redisResponds, redisUrl } from './redis-server.ts';

const HOUR_MS = 60 * 60 * 1000;

const redisIsThere = await redisResponds();

describe(`keyvStore over Keyv 6 and Redis at ${redisUrl}`, () => {
  if (!redisIsThere) return missingService(`no Redis responds at ${redisUrl}; start one or set REDIS_URL`);
  storeConformance({
    describe,
    it,
    capabilities: { shared: true, extend: true },
    async create() {
      const keyPrefix = `safelight-test:${randomUUID()}:`;
      const clients = [recommendedClient({ url: redisUrl }), recommendedClient({ url: redisUrl })] as const;
      const [keyv, second] = clients.map((client) => new Keyv(new KeyvRedis(client))) as [Keyv, Keyv];
      const [store, other] = [keyv, second].map((one, i) =>
        keyvStore(one, { keyPrefix, client: clients[i] as Client }),
      );
      const stores = { store: store as Store, second: other as Store };
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

describe('keyvStore over Keyv 6 and a Redis that stops and restarts', () => {
  if (!hasRedisServer()) return missingService('there is no redis-server on the PATH to start');

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
          // Wait until the client has seen the end of the connection. Another test makes calls before that.
          const broken = once(client, 'error');
          await redis.kill();
          await broken;
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

  describe('and stops during calls', () => {
    let client: Client;

    const callEverything = (store: Store) =>
      Promise.allSettled([store.getMany(['k', 'absent']), store.set('k', 'y', HOUR_MS), store.delete('k')]);

    afterEach(async () => {
      client.destroy();
      await redis.kill();
      await redis.start();
    });

    it('ends all calls without a confirmation when the connection breaks', async () => {
      const connection = await open();
      client = connection.client;
      redis.freeze();
      const calls = callEverything(connection.store);
      const broken = once(client, 'error');
      await redis.kill();
      await broken;
      assertUnconfirmed(await calls);
    });

    it('ends calls after the socket timeout when the server stops responding', async () => {
      const connection = await open(250);
      client = connection.client;
      redis.freeze();
      assertUnconfirmed(await callEverything(connection.store));
    });

    it('ends calls at once during the outage, and calls succeed after it', async () => {
      const connection = await open();
      client = connection.client;
      const broken = once(client, 'error');
      await redis.kill();
      await broken;
      for (let round = 0; round < 3; round += 1) assertUnconfirmed(await callEverything(connection.store));
      const ready = becomesReady(client);
      await redis.start();
      await ready;
      assert.equal(await connection.store.set('k', 'z', HOUR_MS), true);
      assert.deepEqual(await connection.store.getMany(['k', 'absent']), ['z', undefined]);
    });

    it('ends calls at once before the first connection, after `connect` was called', async () => {
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

    it('sends a lost write only once: it is absent after the restart', async () => {
      const connection = await open();
      client = connection.client;
      redis.freeze();
      const write = connection.store.set('k', 'lost', HOUR_MS);
      await redis.kill();
      assert.equal(await write, false);
      const ready = becomesReady(client);
      await redis.start();
      await ready;
      assert.deepEqual(await connection.store.getMany(['k']), [undefined]);
    });
  });
});

/** Reads reject, and writes reject or give `false`. */
function assertUnconfirmed([read, ...writes]: readonly PromiseSettledResult<unknown>[]): void {
  assert.equal(read?.status, 'rejected');
  for (const write of writes) assert.notEqual(write.status === 'fulfilled' && write.value, true);
}
