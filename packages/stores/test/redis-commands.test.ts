import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { createGuard, type Derivatives, type Guard, missingOriginal, type Outcome } from '@safelight/core';
import { memoryStore, redisStore } from '@safelight/stores';
import { missingService } from '../../../test/servers/missing-service.ts';
import { redisResponds, redisUrl } from './redis-server.ts';

const redisIsThere = await redisResponds();

/** Stores only names. */
const derivatives: Derivatives = {
  open: (name) => ({
    ...{ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0) },
    read: () => assert.fail('read is not expected'),
    release: () => undefined,
  }),
  create: () => assert.fail('create is not expected'),
  remove: async () => undefined,
};

describe(`the commands that a guard sends to the Redis at ${redisUrl}`, () => {
  if (!redisIsThere) return missingService(`no Redis responds at ${redisUrl}; start one or set REDIS_URL`);

  const clients = [createClient({ url: redisUrl }), createClient({ url: redisUrl })] as const;
  const [client, monitor] = clients;
  const present = new Set<string>();
  const sent: string[] = [];
  let keyPrefix: string;
  let guard: Guard;

  before(async () => {
    await Promise.all(clients.map((each) => each.connect()));
    // A line is `1700000000.123456 [0 127.0.0.1:50000] "MGET" "key"`; what a script calls has `lua` for the address.
    await monitor.monitor((line) => {
      const [, address, command] = /\[\d+ (\S+)\] "(\w+)"/.exec(String(line)) ?? [];
      if (address !== 'lua' && String(line).includes(keyPrefix)) sent.push(String(command).toUpperCase());
    });
  });

  after(() => {
    for (const each of clients) each.destroy();
  });

  beforeEach(async () => {
    keyPrefix = `safelight-test:${randomUUID()}:`;
    const store = redisStore(client, { keyPrefix });
    guard = createGuard({ store, localFallback: memoryStore(), derivatives });
    present.clear();
    // The first call of a connection asks for the run of the server, and the first scripts are sent as texts.
    for (const asset of ['other', 'another']) {
      await ask(asset);
      present.add('another');
    }
    await sentBy(async () => undefined);
  });

  afterEach(async () => {
    for await (const keys of client.scanIterator({ MATCH: `${keyPrefix}*` }))
      if (keys.length > 0) await client.del(keys);
  });

  async function ask(asset: string): Promise<Outcome<string>> {
    return guard.handle({
      target: { assets: [asset], derivation: 'w_300', version: undefined, isCached: true },
      take: () => true,
      checksSuccess: false,
      storeValue: async (value) => ({ name: value, cachedAt: Date.now() }),
      work: (attempt) =>
        attempt.findOriginal(async () => {
          if (!present.has(asset)) throw missingOriginal(asset);
          return asset;
        }),
    });
  }

  /** The commands that are sent until everything has ended, also what no response waits for. */
  async function sentBy(act: () => Promise<unknown>): Promise<readonly string[]> {
    await act();
    // The server handles the commands of a connection in their order, and sends their lines before the next response.
    const end = `${keyPrefix}end`;
    for (let echoed = 0; echoed < 3; echoed += 1) {
      await client.echo(end);
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (sent.filter((command) => command === 'ECHO').length < 3)
      await new Promise((resolve) => setTimeout(resolve, 1));
    return sent.splice(0).filter((command) => command !== 'ECHO');
  }

  it('one for a held failure', async () => {
    await ask('cat');
    await sentBy(async () => undefined);
    assert.deepEqual(await sentBy(() => ask('cat')), ['MGET']);
  });

  it('one for a cached derivative', async () => {
    present.add('cat');
    await ask('cat');
    await sentBy(async () => undefined);
    assert.deepEqual(await sentBy(() => ask('cat')), ['MGET']);
  });

  it('one for a change', async () => {
    assert.deepEqual(await sentBy(() => guard.changed('cat')), ['SET']);
  });

  it('seven for the first request of a missing original', async () => {
    // Look up, first mark, look up; leases of the derivation and of the original, each with a look-up; record; end.
    const expected = ['MGET', 'SET', 'MGET', 'EVALSHA', 'EVALSHA', 'EVALSHA', 'EVALSHA'];
    assert.deepEqual(await sentBy(() => ask('cat')), expected);
  });

  it('seven for the first request of a picture', async () => {
    present.add('cat');
    const expected = ['MGET', 'SET', 'MGET', 'EVALSHA', 'EVALSHA', 'EVALSHA', 'EVALSHA'];
    assert.deepEqual(await sentBy(() => ask('cat')), expected);
  });
});
