import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createClient } from '@redis/client';
import { checkRedisServer, redisStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';
import { missingService } from '../../../test/servers/missing-service.ts';
import { hasRedisServer, type OwnRedis, ownRedis, redisResponds, redisUrl } from './redis-server.ts';

const hourMs = 60 * 60 * 1000;
type Client = ReturnType<typeof openClient>;

const redisIsThere = await redisResponds();

function openClient(where: { readonly url: string } | { readonly path: string }) {
  const socket = {
    connectTimeout: 1000,
    socketTimeout: 5000,
    reconnectStrategy: (attempt: number): number => Math.min(20 * 2 ** attempt, 2000),
  };
  const client = createClient({
    disableOfflineQueue: true,
    pingInterval: 1000,
    ...('url' in where ? { url: where.url, socket } : { socket: { ...socket, path: where.path, tls: false as const } }),
  });
  client.on('error', () => undefined);
  return client;
}

/** Not `once` of node:events, because it rejects when an attempt to connect again emits an error. */
function becomesReady(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', () => resolve());
  });
}

describe(`redisStore over the Redis at ${redisUrl}`, () => {
  if (!redisIsThere) return missingService(`no Redis responds at ${redisUrl}; start one or set REDIS_URL`);

  storeConformance({
    describe,
    it,
    capabilities: { shared: true, extend: true, leases: true },
    async create() {
      const keyPrefix = `safelight-test:${randomUUID()}:`;
      const clients = [openClient({ url: redisUrl }), openClient({ url: redisUrl })] as const;
      await Promise.all(clients.map((client) => client.connect()));
      const [store, second] = [redisStore(clients[0], { keyPrefix }), redisStore(clients[1], { keyPrefix })];
      return {
        store,
        second,
        close: async () => {
          for await (const keys of clients[0].scanIterator({ MATCH: `${keyPrefix}*`, COUNT: 1000 })) {
            if (keys.length > 0) await clients[0].del(keys);
          }
          for (const client of clients) client.destroy();
        },
      };
    },
  });

  it('reads all keys in one command, and writes a first mark in one', async () => {
    const client = openClient({ url: redisUrl });
    await client.connect();
    try {
      const store = redisStore(client, { keyPrefix: `safelight-test:${randomUUID()}:` });
      await store.getMany(['g:{a}']);
      const before = await commandsOf(client);
      await store.getMany(['g:{a}', 'f:{a}', 'd:{a}']);
      await store.setFirst?.('g:{a}', 'one', 1000);
      // One of the three is the INFO that counts.
      assert.equal((await commandsOf(client)) - before, 3);
    } finally {
      client.destroy();
    }
  });

  it('never replaces a mark by a first mark', async () => {
    const client = openClient({ url: redisUrl });
    await client.connect();
    try {
      const store = redisStore(client, { keyPrefix: `safelight-test:${randomUUID()}:` });
      assert.equal(await store.setFirst?.('g:{a}', 'first', 10_000), true);
      assert.equal(await store.setFirst?.('g:{a}', 'second', 10_000), true);
      assert.deepEqual(await store.getMany(['g:{a}']), ['first']);
      await store.set('g:{a}', 'renewed', 10_000);
      assert.equal(await store.setFirst?.('g:{a}', 'third', 10_000), true);
      assert.deepEqual(await store.getMany(['g:{a}']), ['renewed']);
    } finally {
      client.destroy();
    }
  });
});

async function commandsOf(client: Client): Promise<number> {
  const stats = await client.info('commandstats');
  const ours = [...stats.matchAll(/cmdstat_(mget|set|get|info):calls=(\d+)/g)];
  return ours.reduce((sum, [, , calls]) => sum + Number(calls), 0);
}

describe('redisStore over a Redis that stops', function () {
  this.timeout(20_000);
  if (!hasRedisServer()) return missingService('there is no redis-server on the PATH to start');

  let redis: OwnRedis;
  before(async () => {
    redis = await ownRedis();
  });
  after(() => redis.remove());

  const open = async () => {
    const client = openClient({ path: redis.socketPath });
    await client.connect();
    return { client, store: redisStore(client) };
  };

  storeConformance({
    describe,
    it,
    capabilities: { outage: true },
    async create() {
      const { client, store } = await open();
      return {
        store,
        cut: async () => {
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

  for (const [state, begin, end] of [
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['is a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [
      'has too few replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
  ] as const) {
    it(`says so when a server ${state} and refuses writes: this is no outage`, async () => {
      const { client, store } = await open();
      try {
        await store.set('g:{cat}', 'mark', hourMs);
        await client.sendCommand([...begin]);
        assert.equal(await store.set('g:{cat}', 'other', hourMs), false);
        assert.equal(await store.setFirst?.('g:{dog}', 'first', hourMs), false);
        // A server that is full permits commands that need no memory.
        const needsMemory = state === 'is full';
        assert.equal(await store.extend?.('g:{cat}', 2 * hourMs), needsMemory);
        assert.equal(await store.delete('f:{cat}'), needsMemory);
        assert.deepEqual(await store.getMany(['g:{cat}', 'g:{dog}']), ['mark', undefined]);
        await client.sendCommand([...end]);
        assert.equal(await store.set('g:{cat}', 'other', hourMs), true);
      } finally {
        client.destroy();
      }
    });
  }

  it('does not count marks of a snapshot that a crash has brought back', async () => {
    const { client, store } = await open();
    try {
      await store.set('g:{cat}', 'before the upload', hourMs);
      await store.set('f:{cat}', { stamp: 'before the upload' }, hourMs);
      const folder = dirname(redis.socketPath);
      await client.sendCommand(['SAVE']);
      await copyFile(join(folder, 'dump.rdb'), join(folder, 'kept.rdb'));
      await store.set('g:{cat}', 'after the upload', hourMs);
      const broken = once(client, 'error');
      await redis.kill();
      await broken;
      await copyFile(join(folder, 'kept.rdb'), join(folder, 'dump.rdb'));
      const ready = becomesReady(client);
      await redis.start();
      await ready;
      // The server has the old mark and the old failure again. The mark counts as absent, so the failure has no stamp.
      assert.match(String(await client.get('safelight:g:{cat}')), /before the upload/);
      assert.deepEqual(await store.getMany(['g:{cat}']), [undefined]);
      assert.equal(await store.setFirst?.('g:{cat}', 'new', hourMs), true);
      assert.deepEqual(await store.getMany(['g:{cat}']), ['new']);
      await rm(join(folder, 'dump.rdb'));
    } finally {
      client.destroy();
    }
  });
});

describe('redisStore over servers that it cannot tell apart', () => {
  /** A client of a server that says `info`. */
  function clientOf(infos: readonly string[]) {
    const values = new Map<string, string>();
    let asked = 0;
    return {
      values,
      mGet: async (keys: readonly string[]) => keys.map((key) => values.get(key) ?? null),
      set: async (key: string, value: string) => {
        values.set(key, value);
        return 'OK';
      },
      pExpire: async () => 1,
      del: async (key: string) => Number(values.delete(key)),
      evalSha: async () => assert.fail('no script is expected'),
      eval: async () => assert.fail('no script is expected'),
      info: async () => infos[Math.min(asked++, infos.length - 1)],
      on: () => undefined,
    };
  }
  const version = 'redis_version:7.2.0\r\n';

  for (const [title, infos] of [
    ['a server that hides its run_id', [version]],
    ['a proxy that asks several servers', [`${version}run_id:a\r\n`, `${version}run_id:b\r\n`]],
  ] as const) {
    it(`warns once of ${title}, and uses all marks`, async () => {
      const warnings: Error[] = [];
      const store = redisStore(clientOf(infos), { onWarning: (warning) => warnings.push(warning) });
      await store.set('g:{a}', 'mark', 1000);
      assert.deepEqual(await store.getMany(['g:{a}', 'g:{b}']), ['mark', undefined]);
      assert.equal(warnings.length, 1);
      assert.match(String(warnings[0]?.message), /run_id.* old snapshot/);
    });
  }

  it('refuses a server that is too old, with its version', async () => {
    for (const [info, name] of [
      ['redis_version:6.2.14\r\n', 'Redis 6.2.14'],
      ['redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:7.0.1\r\n', 'Valkey 7.0.1'],
    ] as const) {
      await assert.rejects(checkRedisServer(clientOf([info])), {
        message: `The store is ${name}. Safelight needs Redis 7.0 or Valkey 7.2, or a later version.`,
      });
    }
    const facts = await checkRedisServer(clientOf(['redis_version:7.2.4\r\nvalkey_version:8.1.0\r\nrun_id:abc\r\n']));
    assert.deepEqual(facts, { name: 'Valkey', version: '8.1.0', runId: 'abc' });
  });
});
