import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Derivatives } from '@safelight/core';
import { fileDerivatives } from '@safelight/originals';
import { memoryDerivatives, memoryStore } from '@safelight/stores';
import { chaosStore } from '@safelight/stores/chaos';
import Keyv from 'keyv';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene, stoppedClock } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const [framework] = frameworks as [(typeof frameworks)[number]];

/** Each URL has a different body of 1000 bytes. */
const sized = () => counted((req, res) => void res.end(`${req.url} `.padEnd(1000, '#')));

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('guard with cache: evicted bytes and failing stores', () => {
  afterEach(closeServers);

  it('evicted bytes cost one more run and are cached again; no request fails', async () => {
    const { safelight } = scene({ derivatives: memoryDerivatives({ maxBytes: 5000 }) });
    const work = sized();
    const server = await serve(framework, safelight.guard(work, { cache: true }));
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 10; i += 1) {
        const first = await ask(server, `/${i}`);
        assert.deepEqual([first.status, first.body.length, isHeld(first)], [200, 1000, false]);
        const again = await ask(server, `/${i}`);
        assert.deepEqual([again.body.length, isHeld(again)], [1000, true]);
      }
    }
    assert.equal(work.runs, 30);
  });

  it('evicted while concurrent requests wait: one run, and all get the response', async () => {
    const { safelight } = scene({ derivatives: memoryDerivatives({ maxBytes: 2000 }) });
    const gate = Promise.withResolvers<void>();
    const work = counted(async (req, res) => {
      if (work.runs > 2) await gate.promise;
      res.end(`${req.url} `.padEnd(1000, '#'));
    });
    const { options, all } = arrivals();
    const server = await serve(framework, safelight.guard(work, { ...options, cache: true }));
    await ask(server, '/a');
    await ask(server, '/b'); // and /a is gone
    const asked = Array.from({ length: 20 }, () => ask(server, '/a'));
    await all(22);
    gate.resolve();
    for (const { status, text } of await Promise.all(asked)) assert.deepEqual([status, text.slice(0, 3)], [200, '/a ']);
    assert.equal(work.runs, 3);
  });

  it('evicted while a handler confirms it: the handler responds', async () => {
    const real = memoryDerivatives();
    let opened = 0;
    const derivatives: Derivatives = {
      ...real,
      open: (name) => {
        opened += 1;
        return opened === 2 ? undefined : real.open(name); // once to ask with, once to answer with
      },
    };
    const { safelight } = scene({ derivatives });
    const work = counted((req, res) => {
      const isKnown = req.headers['if-none-match'] === '"1"';
      res.writeHead(isKnown ? 304 : 200, { ETag: '"1"', 'Cache-Control': 'no-cache' }).end(isKnown ? '' : 'good');
    });
    const server = await serve(framework, safelight.guard(work, { cache: true }));
    assert.equal((await ask(server, '/a')).text, 'good');
    const reply = await ask(server, '/a');
    assert.deepEqual([reply.status, reply.text, work.runs], [200, 'good', 3]);
  });

  it('middleware in front may respond while the bytes are opened; then they are released', async () => {
    const real = memoryDerivatives();
    const fetched = Promise.withResolvers<void>();
    let open = 0;
    const derivatives: Derivatives = {
      ...real,
      open: async (name) => {
        const cached = await real.open(name);
        if (cached === undefined) return undefined;
        open += 1;
        await fetched.promise;
        const release = () => {
          open -= 1;
        };
        return { ...cached, release };
      },
    };
    const { safelight } = scene({ derivatives });
    const errors: unknown[] = [];
    const server = await serve(
      framework,
      (req, res, next) => {
        if (req.headers['x-short-timeout'] !== undefined) setTimeout(() => res.end('timed out'), 5);
        next();
      },
      (req, res, next) => safelight.guard(sized(), { cache: true })(req, res, (error) => next(void errors.push(error))),
    );
    await ask(server, '/a');
    assert.equal((await ask(server, '/a', { headers: { 'X-Short-Timeout': '1' } })).text, 'timed out');
    assert.equal(open, 1);
    fetched.resolve();
    await until(async () => open === 0);
    assert.deepEqual(errors, []);
  });

  it('a damaged file costs one more run and is cached again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'safelight-cache-'));
    try {
      const store = new Keyv();
      const work = sized();
      const start = () => {
        const { safelight } = scene({ store, derivatives: fileDerivatives({ directory }) });
        return serve(framework, safelight.guard(work, { cache: true }));
      };
      const before = await start();
      await ask(before, '/a');
      await until(async () => isHeld(await ask(before, '/a')));
      assert.equal(isHeld(await ask(await start(), '/a')), true);
      assert.equal(work.runs, 1);
      for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) await truncate(join(entry.parentPath, entry.name), 500);
      }
      const after = await start();
      const reply = await ask(after, '/a');
      assert.deepEqual([reply.status, reply.body.length, isHeld(reply)], [200, 1000, false]);
      await until(async () => isHeld(await ask(after, '/a')));
      assert.equal(work.runs, 2);
    } finally {
      await closeServers();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  it('two processes with a shared store and shared derivatives serve each other’s responses', async () => {
    const store = new Keyv();
    const derivatives = memoryDerivatives();
    const work = sized();
    const servers = [];
    for (let i = 0; i < 2; i += 1) {
      servers.push(await serve(framework, scene({ store, derivatives }).safelight.guard(work, { cache: true })));
    }
    const [first, second] = servers as [(typeof servers)[0], (typeof servers)[0]];
    await ask(first, '/a');
    await until(async () => isHeld(await ask(second, '/a')));
    assert.equal((await ask(second, '/a', { headers: { Range: 'bytes=0-1' } })).text, '/a');
    assert.equal(work.runs, 1);
  });

  it('a response that is not shared, with a shared store: cached variants are still served', async () => {
    const { safelight } = scene({ store: new Keyv() });
    const work = counted((req, res) => {
      if (req.headers.accept === 'text/html') res.setHeader('Cache-Control', 'no-store');
      res.setHeader('Vary', 'Accept');
      res.end(String(req.headers.accept));
    });
    const server = await serve(framework, safelight.guard(work, { cache: true }));
    const asking = (accept: string) => ask(server, '/a', { headers: { Accept: accept } });
    await asking('image/webp');
    await until(async () => isHeld(await asking('image/webp')));
    for (let i = 0; i < 3; i += 1) {
      assert.equal((await asking('text/html')).text, 'text/html');
      assert.equal((await asking('image/avif')).text, 'image/avif');
      assert.equal(isHeld(await asking('image/webp')), true);
    }
  });

  for (const down of ['from the start', 'later'] as const) {
    it(`the store is down ${down}: all requests get the response, nothing is cached until the store is up`, async () => {
      const clock = stoppedClock();
      const store = chaosStore(memoryStore({ clock }));
      const { safelight } = scene({ clock, store });
      const work = sized();
      const server = await serve(framework, safelight.guard(work, { cache: true }));
      if (down === 'later') {
        await ask(server, '/a');
        await until(async () => isHeld(await ask(server, '/a')));
      }
      store.control.down();
      const before = work.runs;
      for (let i = 1; i < 4; i += 1) {
        const reply = await ask(server, '/a');
        assert.deepEqual([reply.status, reply.body.length, work.runs], [200, 1000, before + i]);
        assert.ok(!String(reply.headers['cache-status']).includes('stored'));
      }
      store.control.up();
      clock.pass(5000);
      await until(async () => isHeld(await ask(server, '/a')));
      const { runs } = work;
      assert.equal(isHeld(await ask(server, '/a')), true);
      assert.equal(work.runs, runs);
    });
  }

  it('the store goes down during a body: the body is sent, and a later change counts', async () => {
    const clock = stoppedClock();
    const store = chaosStore(memoryStore({ clock }));
    const { safelight } = scene({ clock, store });
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const work = counted(async (_req, res) => {
      const mine = work.runs;
      res.write('run ');
      if (mine === 1) {
        began.resolve();
        await gate.promise;
      }
      res.end(String(mine));
    });
    const server = await serve(framework, safelight.guard(work, { cache: true, asset: () => 'cat' }));
    const asked = ask(server, '/a');
    await began.promise;
    store.control.down();
    gate.resolve();
    assert.equal((await asked).text, 'run 1');
    store.control.up();
    clock.pass(5000);
    await safelight.changed('cat');
    assert.equal((await ask(server, '/a')).text, 'run 2');
  });
});
