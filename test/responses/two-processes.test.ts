import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import KeyvRedis from '@keyv/redis';
import { createSafelight, type SafelightOptions } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { keyvStore } from '@safelight/stores';
import Keyv from 'keyv';
import { redisOfSuite, redisResponds, redisUrl } from '../../packages/stores/test/redis-server.ts';
import { ask, isHeld } from '../servers/ask.ts';
import { casesOfRun } from '../servers/cases-of-run.ts';
import { counted } from '../servers/counted.ts';
import { missingService } from '../servers/missing-service.ts';
import { stoppedClock } from '../servers/scene.ts';
import { closeServers, frameworks, serve } from '../servers/servers.ts';

const page: RequestHandler = (_req, res) => {
  res.writeHead(404, { 'Content-Type': 'text/html', 'X-Page': '1' }).end('<h1>no cat</h1>');
};

type StoreOption = NonNullable<SafelightOptions['store']>;

/** Two processes with one store, as far as a client can see: two Safelights that share nothing else. */
function twoProcesses(store: StoreOption) {
  const clock = stoppedClock();
  const faults: unknown[] = [];
  const create = () => createSafelight({ store, clock, timeoutMs: 5000, onError: (error) => faults.push(error) });
  return { clock, faults, first: create(), second: create() };
}

/** An error is written to the store after it was sent, so the first request of another process may come too early. */
async function untilWritten(isWritten: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await isWritten()); turn += 1) {
    if (turn === 1000) throw new Error('The error was not written to the store.');
    await new Promise(setImmediate);
  }
}

interface OpenStore {
  readonly store: StoreOption;
  /** How many captured errors are in it. */
  heads(): Promise<number>;
}

function capturedInAStore(open: () => OpenStore): void {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    it(`a page that one process has captured is replayed by the other, until a change (${framework.name})`, async () => {
      const { store, heads } = open();
      const { clock, faults, first, second } = twoProcesses(store);
      const asset = () => 'cat';
      const work = counted(page);
      const otherWork = counted(page);
      const server = await serve(framework, first.guard(work, { asset }));
      const other = await serve(framework, second.guard(otherWork, { asset }));
      await ask(server, '/cat.jpg');
      await untilWritten(async () => (await heads()) > 0);
      clock.pass(2500);
      for (let time = 0; time < 2; time += 1) {
        const held = await ask(other, '/cat.jpg');
        assert.deepEqual([held.status, held.text, isHeld(held)], [404, '<h1>no cat</h1>', true]);
        assert.deepEqual([held.headers['content-type'], held.headers['x-page']], ['text/html', '1']);
        assert.equal(held.headers['retry-after'], '58');
      }
      assert.deepEqual([work.runs, otherWork.runs], [1, 0]);
      // A client that cannot use the page gets the text of Safelight.
      const json = await ask(other, '/cat.jpg', { headers: { Accept: 'application/json' } });
      assert.equal(JSON.parse(json.text).status, 404);
      await second.changed('cat');
      assert.equal(isHeld(await ask(other, '/cat.jpg')), false);
      assert.deepEqual(faults, []);
    });
  }

  it('a page for one client, or one that is too large, is not in the store', async () => {
    const { store, heads } = open();
    const { first } = twoProcesses(store);
    const server = await serve(
      frameworks[0] as (typeof frameworks)[number],
      first.guard((req, res) => {
        const headers = req.url === '/large' ? {} : { 'Cache-Control': 'no-store' };
        res.writeHead(404, headers).end('x'.repeat(req.url === '/large' ? 70_000 : 10));
      }),
    );
    for (const path of ['/large', '/mine']) await ask(server, path);
    await ask(server, '/cat', { headers: { Cookie: 'a=1' } });
    assert.equal(await heads(), 0);
  });
}

describe('captured errors in the memory that two processes share', () => {
  capturedInAStore(() => {
    const values = new Map<string, unknown>();
    const heads = async () => [...values.keys()].filter((key) => key.includes('e:2:h:')).length;
    return { store: new Keyv({ store: values }), heads };
  });
});

const redisIsThere = await redisResponds();

describe(`captured errors in the Redis at ${redisUrl}`, () => {
  if (!redisIsThere) {
    const what = `no Redis responds at ${redisUrl}; start one or set REDIS_URL`;
    return missingService(what);
  }

  const { client, keyPrefix: allPrefix } = redisOfSuite();

  capturedInAStore(() => {
    const keyPrefix = `${allPrefix}${randomUUID()}:`;
    const heads = async () => (await client.keys(`${keyPrefix}e:2:h:*`)).length;
    return { store: keyvStore(new Keyv(new KeyvRedis(client)), { keyPrefix }), heads };
  });
});
