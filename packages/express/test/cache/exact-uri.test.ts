import assert from 'node:assert/strict';
import type { Store, StoredValue } from '@safelight/core';
import type { RequestHandler } from '@safelight/http';
import { chaosStore } from '@safelight/stores/chaos';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene, stoppedClock } from '../../../../test/servers/scene.ts';
import { closeServers, connect, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';

/** GET reads a text for each URL, or 404; other methods write it, or fail with the status that they ask for. */
function documents() {
  const texts = new Map<string, string>();
  const handler: RequestHandler = async (req, res) => {
    const url = req.url ?? '';
    if (req.method === 'GET') {
      const text = texts.get(url);
      if (text === undefined) return void res.writeHead(404).end('nothing');
      return void res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(text);
    }
    let body = '';
    for await (const chunk of req) body += chunk;
    if (body !== '') texts.set(url, body);
    res.writeHead(Number(req.headers['x-status'] ?? 204)).end();
  };
  return { texts, handler: counted(handler) };
}

/** A store of several processes, with its writes. */
function countedStore() {
  const values = new Map<string, StoredValue>();
  const writes: string[] = [];
  const store: Store = {
    getMany: async (keys) => keys.map((key) => values.get(key)),
    set: async (key, value) => {
      writes.push(key);
      values.set(key, JSON.parse(JSON.stringify(value)) as StoredValue);
      return true;
    },
    delete: async (key) => {
      writes.push(key);
      values.delete(key);
      return true;
    },
  };
  return { values, writes, store };
}

describe('guard with cache: unsafe methods free the same URL', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun([...frameworks, connect])) {
    describe(`in ${framework.name}`, () => {
      for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
        it(`${method}: what is cached or held for the URL, and nothing else of the asset`, async () => {
          const { texts, handler } = documents();
          const server = await serve(framework, scene().safelight.guard(handler, { cache: true }));
          for (const url of ['/a?w=1', '/a?w=2', '/b']) texts.set(url, 'old');
          for (const url of ['/a?w=1', '/a?w=2', '/b', '/missing']) await ask(server, url);
          for (const url of ['/a?w=1', '/missing']) {
            await ask(server, url, { method, body: 'new', headers: { 'Content-Length': 3 } });
          }
          for (const [url, text, held] of [
            ['/a?w=1', 'new', false],
            ['/missing', 'new', false],
            ['/a?w=2', 'old', true],
            ['/b', 'old', true],
          ] as const) {
            const reply = await ask(server, url);
            assert.deepEqual([reply.text, isHeld(reply)], [text, held], url);
          }
        });
      }

      it('credentials and privacy of the writer make no difference', async () => {
        const { texts, handler } = documents();
        const isPrivate: (req: { readonly method?: string | undefined }) => boolean = ({ method }) => method !== 'GET';
        const server = await serve(framework, scene().safelight.guard(handler, { cache: true, isPrivate }));
        texts.set('/a', 'old');
        await ask(server, '/a');
        await ask(server, '/a', { method: 'PUT', body: 'new', headers: { Authorization: 'Basic YTpi' } });
        assert.equal((await ask(server, '/a')).text, 'new');
      });

      it('errors free nothing', async () => {
        const { texts, handler } = documents();
        const server = await serve(framework, scene().safelight.guard(handler, { cache: true }));
        texts.set('/a', 'old');
        await ask(server, '/a');
        for (const status of [400, 404, 500]) {
          await ask(server, '/a', { method: 'PUT', body: 'new', headers: { 'X-Status': status } });
          assert.equal((await ask(server, '/a')).text, 'old');
        }
      });

      it('what a run from before makes is not cached, and no request waits for it', async () => {
        const gate = Promise.withResolvers<void>();
        const began = Promise.withResolvers<void>();
        const work = counted(async (req, res) => {
          if (req.method === 'PUT') return void res.end('put');
          const isFirst = work.runs === 1;
          began.resolve();
          if (isFirst) await gate.promise;
          res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(isFirst ? 'old' : 'new');
        });
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        const old = ask(server, '/a');
        await began.promise;
        const waiting = ask(server, '/a');
        for (let tick = 0; tick < 50; tick += 1) await new Promise(setImmediate);
        await ask(server, '/a', { method: 'PUT' });
        assert.equal((await waiting).text, 'new');
        gate.resolve();
        assert.equal((await old).text, 'old');
        assert.equal((await ask(server, '/a')).text, 'new');
      });
    });
  }

  it('a missing original that was written is found at once', async () => {
    const { texts } = documents();
    const handler: RequestHandler = async (req, res) => {
      if (req.method === 'PUT') {
        texts.set('/a', 'new');
        return void res.writeHead(201).end();
      }
      const text = texts.get('/a');
      if (text === undefined) return void res.writeHead(404, { 'X-Safelight-Missing-Original': '1' }).end('nothing');
      res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(text);
    };
    const server = await serve(frameworks[0] as Framework, scene().safelight.guard(handler, { cache: true }));
    for (let time = 0; time < 2; time += 1) assert.equal((await ask(server, '/a')).status, 404);
    await ask(server, '/a', { method: 'PUT' });
    assert.equal((await ask(server, '/a')).text, 'new');
  });

  it('requests that wait go on sharing one run, however often the URL is written', async () => {
    const gates: (() => void)[] = [];
    let [running, most] = [0, 0];
    const handler: RequestHandler = async (req, res) => {
      if (req.method === 'PUT') return void res.end();
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
      res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end('cat');
    };
    const server = await serve(frameworks[0] as Framework, scene().safelight.guard(handler, { cache: true }));
    const asked = Array.from({ length: 30 }, () => ask(server, '/a'));
    for (let round = 1; round <= 5; round += 1) {
      while (gates.length < round) await new Promise(setImmediate);
      for (let tick = 0; tick < 50; tick += 1) await new Promise(setImmediate);
      await ask(server, '/a', { method: 'PUT' });
    }
    const open = setInterval(() => gates.splice(0).forEach((end) => void end()), 1);
    for (const reply of asked) assert.equal((await reply).text, 'cat');
    clearInterval(open);
    assert.ok(most <= 7, `${most} runs at the same time`);
  });

  it('nothing from before is stored, whenever the write comes during a run', async () => {
    const ms = 3;
    const { store } = countedStore();
    const wait = () => new Promise((resolve) => setTimeout(resolve, ms));
    const slow: Store = {
      getMany: (keys) => wait().then(() => store.getMany(keys)),
      set: (...entry) => wait().then(() => store.set(...entry)),
      delete: (key) => wait().then(() => store.delete(key)),
    };
    for (const kind of ['a picture', 'a failure']) {
      for (let afterMs = 0; afterMs < 30; afterMs += 2) {
        let text = 'old';
        const handler: RequestHandler = (req, res) => {
          if (req.method === 'PUT') text = 'new';
          const status = text === 'old' && kind === 'a failure' ? 404 : 200;
          res.writeHead(status, { 'Cache-Control': 'max-age=60' }).end(text);
        };
        const { safelight } = scene({ store: slow, clock: Date.now });
        const server = await serve(frameworks[2] as Framework, safelight.guard(handler, { cache: true }));
        const path = `/${kind.slice(2)}-${afterMs}`;
        const first = ask(server, path);
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        await ask(server, path, { method: 'PUT' });
        await first;
        for (let turn = 0; turn < 3; turn += 1) {
          assert.equal((await ask(server, path)).text, 'new', `${kind}, written after ${afterMs} ms`);
          await new Promise((resolve) => setTimeout(resolve, 5 * ms));
        }
      }
    }
  }).timeout(20_000);

  it('the response to a write waits for a record that is being written, and that is removed', async () => {
    const { store } = countedStore();
    const writing = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const gated: Store = {
      ...store,
      set: async (key, ...rest) => {
        if (!key.startsWith('d:')) return store.set(key, ...rest);
        writing.resolve();
        await gate.promise;
        return store.set(key, ...rest);
      },
    };
    const { texts, handler } = documents();
    const server = await serve(
      frameworks[0] as Framework,
      scene({ store: gated }).safelight.guard(handler, { cache: true }),
    );
    texts.set('/a', 'old');
    await ask(server, '/a');
    await writing.promise;
    let isWritten = false;
    const put = ask(server, '/a', { method: 'PUT', body: 'new' }).then(() => {
      isWritten = true;
    });
    for (let turn = 0; turn < 10; turn += 1) await ask(server, `/other-${turn}`, { method: 'OPTIONS' });
    assert.equal(isWritten, false);
    gate.resolve();
    await put;
    assert.equal((await ask(server, '/a')).text, 'new');
  });

  it('a store that was away during the write does not bring the old response back', async () => {
    const clock = stoppedClock();
    const { store } = countedStore();
    const chaos = chaosStore(store);
    const { safelight } = scene({ clock, store: chaos });
    const { texts, handler } = documents();
    const server = await serve(frameworks[0] as Framework, safelight.guard(handler, { cache: true }));
    texts.set('/a', 'old');
    while (!isHeld(await ask(server, '/a')));
    chaos.control.down();
    await ask(server, '/a', { method: 'PUT', body: 'new' });
    chaos.control.up();
    clock.pass(5000);
    const endsAt = Date.now() + 8000;
    while ((await ask(server, '/a')).text !== 'new' && Date.now() < endsAt)
      await new Promise((end) => setTimeout(end, 20));
    assert.equal((await ask(server, '/a')).text, 'new');
  }).timeout(10_000);

  it('unknown URLs write nothing to a store: they cost one read each', async () => {
    const { store, writes } = countedStore();
    const { texts, handler } = documents();
    const { safelight } = scene({ store });
    const server = await serve(frameworks[0] as Framework, safelight.guard(handler, { cache: true }));
    texts.set('/a', 'old');
    await ask(server, '/a');
    const before = writes.length;
    for (let i = 0; i < 100; i += 1) await ask(server, `/random-${i}`, { method: 'POST' });
    assert.equal(writes.length, before);
    assert.equal(isHeld(await ask(server, '/a')), true);
    await ask(server, '/a', { method: 'POST', body: 'new' });
    assert.equal((await ask(server, '/a')).text, 'new');
  });

  it('the embedded store forgets nothing after many writes to random URLs', async () => {
    const { texts, handler } = documents();
    const { safelight } = scene();
    const server = await serve(frameworks[2] as Framework, safelight.guard(handler, { cache: true }));
    texts.set('/a', 'old');
    await ask(server, '/a');
    for (let i = 0; i < 300; i += 1) await ask(server, `/random-${i}`, { method: 'POST' });
    assert.equal(isHeld(await ask(server, '/a')), true);
  });

  it('freeOnWrite without cache frees the failures of all derivations', async () => {
    const { handler } = documents();
    const { safelight } = scene();
    const asset = () => 'cat';
    const server = await serve(frameworks[0] as Framework, safelight.guard(handler, { asset, freeOnWrite: true }));
    for (const url of ['/1', '/2']) await ask(server, url);
    for (const url of ['/1', '/2']) assert.equal(isHeld(await ask(server, url)), true);
    await ask(server, '/1', { method: 'PUT', body: 'new' });
    for (const url of ['/1', '/2']) assert.equal(isHeld(await ask(server, url)), false, url);
  });
});
