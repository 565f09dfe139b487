import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Readable as Source } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Derivatives } from '@safelight/core';
import { fileDerivatives } from '@safelight/originals';
import { memoryDerivatives } from '@safelight/stores';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, askAndStay, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, type Listening, serve } from '../../../../test/servers/servers.ts';

const PIECE = 65_536;
const PIECES = 64;

/** 4 MiB. All pieces are different. */
async function* pieces(begin: Promise<void> = Promise.resolve()): AsyncGenerator<Buffer> {
  for (let i = 0; i < PIECES; i += 1) {
    if (i === 1) await begin;
    yield Buffer.alloc(PIECE, i + 1);
    if (i % 8 === 0) await new Promise(setImmediate);
  }
}

const wanted = createHash('sha256');
for (let i = 0; i < PIECES; i += 1) wanted.update(Buffer.alloc(PIECE, i + 1));
const digest = wanted.digest('hex');

async function digestOf(body: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Resolves with the response when its head has arrived; its body is not read. */
async function openResponse({ port }: Listening, path: string): Promise<IncomingMessage> {
  const asking = request({ port, path, headers: { host: 'a' }, agent: false }).end();
  const [reply] = (await once(asking, 'response')) as [IncomingMessage];
  return reply;
}

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('guard with cache: while a body is being sent', () => {
  const folders: string[] = [];
  const places: Readonly<Record<string, () => Promise<Derivatives>>> = {
    memory: async () => memoryDerivatives({ maxEntryBytes: 8 * 1024 ** 2 }),
    'memory that is too small': async () => memoryDerivatives(),
    files: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'safelight-cache-'));
      folders.push(directory);
      return fileDerivatives({ directory });
    },
  };

  afterEach(async () => {
    await closeServers();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  for (const [where, create] of Object.entries(places)) {
    const isCached = where !== 'memory that is too small';

    for (const framework of casesOfRun(frameworks)) {
      it(`ten clients share one run, although one reads slowly and two disconnect: ${where}, ${framework.name}`, async () => {
        const { safelight, faults } = scene({ derivatives: await create() });
        const head = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          await head.promise;
          res.setHeader('Content-Type', 'image/png');
          await pipeline(Source.from(pieces()), res);
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, { ...options, cache: true }));
        const responses = [openResponse(server, '/a')];
        await all(1);
        responses.push(...Array.from({ length: 9 }, () => openResponse(server, '/a')));
        const leaving = askAndStay(server, '/a');
        const left = openResponse(server, '/a').then(
          (reply) => void reply.once('data', () => reply.destroy()).on('error', () => {}),
        );
        await all(12);
        leaving.leave();
        await until(() => new Promise((done) => server.server.getConnections((_error, n) => done(n === 11))));
        head.resolve();
        await left;
        const [slow, ...others] = await Promise.all(responses);
        // When the body is cached, one client reads its first byte only after all others have read everything.
        const digests = Promise.all(others.map(digestOf));
        if (isCached) await digests;
        assert.equal(await digestOf(slow as IncomingMessage), digest);
        for (const received of await digests) assert.equal(received, digest);
        assert.equal(work.runs, 1);
        await until(async () => isCached === isHeld(await ask(server, '/a', { method: 'HEAD' })));
        if (isCached) assert.equal(await digestOf(await openResponse(server, '/a')), digest);
        assert.deepEqual(faults, []);
      });
    }

    it(`a run goes on when all clients have disconnected, and its response is cached: ${where}`, async () => {
      for (const when of ['before the head', 'in the body'] as const) {
        const { safelight, faults } = scene({ derivatives: await create() });
        const gate = Promise.withResolvers<void>();
        const left = Promise.withResolvers<void>();
        const ended = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          if (when === 'before the head') await left.promise;
          await pipeline(Source.from(pieces(gate.promise)), res);
          ended.resolve();
        });
        const server = await serve(
          frameworks[0] as (typeof frameworks)[number],
          safelight.guard(work, { cache: true }),
        );
        if (when === 'in the body') {
          const reply = await openResponse(server, '/a');
          reply.on('error', () => {});
          reply.destroy();
        } else {
          const client = askAndStay(server, '/a');
          await until(() => work.runs === 1);
          client.leave();
          await client.gone;
        }
        await until(() => new Promise((resolve) => server.server.getConnections((_error, n) => resolve(n === 0))));
        left.resolve();
        gate.resolve();
        await ended.promise;
        if (isCached) await until(async () => isHeld(await ask(server, '/a')));
        assert.equal(await digestOf(await openResponse(server, '/a')), digest);
        assert.equal(work.runs, isCached ? 1 : 2);
        assert.deepEqual(faults, []);
      }
    });

    it(`a body that stops for too long breaks off for all clients, is not cached and is one failure: ${where}`, async () => {
      const { safelight, clock, faults } = scene({ derivatives: await create(), timeoutMs: 40 });
      const closed = Promise.withResolvers<void>();
      const work = counted((_req, res) => {
        if (work.runs > 1) return void res.end('good');
        res.once('close', closed.resolve);
        return void res.write(Buffer.alloc(100));
      });
      const { options, all } = arrivals();
      const server = await serve(
        frameworks[0] as (typeof frameworks)[number],
        safelight.guard(work, { ...options, cache: true }),
      );
      const asked = Array.from({ length: 3 }, () => ask(server, '/a'));
      await all(3);
      for (const { complete, status } of await Promise.all(asked)) assert.deepEqual([complete, status], [false, 200]);
      await closed.promise;
      assert.equal(work.runs, 1);
      const held = await ask(server, '/a');
      assert.deepEqual([held.status, rungOf(held), isHeld(held), work.runs], [500, 1, true, 1]);
      clock.pass(1000);
      assert.equal((await ask(server, '/a')).text, 'good');
      await until(async () => isHeld(await ask(server, '/a')));
      // One report, although three clients were reading.
      assert.deepEqual(faults.map(String), ['Error: The body was silent for 40 ms.']);
    });
  }

  it('a body may wait for a slow client longer than timeoutMs, and that is not a failure', async () => {
    // Long enough for a busy machine, which may itself be silent for a while.
    const { safelight, faults } = scene({ timeoutMs: 500 });
    const work = counted((_req, res) => pipeline(Source.from(pieces()), res));
    const server = await serve(frameworks[0] as (typeof frameworks)[number], safelight.guard(work, { cache: true }));
    const reply = await openResponse(server, '/a');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    assert.equal(await digestOf(reply), digest);
    assert.deepEqual([faults, work.runs], [[], 1]);
  });

  for (const change of ['before the head', 'in the body'] as const) {
    for (const framework of casesOfRun(frameworks)) {
      it(`changed ${change}: earlier requests get the old response, which is not cached: ${framework.name}`, async () => {
        const { safelight } = scene();
        const before = Promise.withResolvers<void>();
        const middle = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          const mine = work.runs;
          if (mine === 1) await before.promise;
          res.setHeader('Cache-Control', 'max-age=60');
          res.write('run ');
          if (mine === 1) await middle.promise;
          res.end(String(mine));
        });
        const { options, all } = arrivals(() => 'cat');
        const server = await serve(framework, safelight.guard(work, { ...options, cache: true }));
        const old = ask(server, '/a');
        await all(1);
        if (change === 'in the body') {
          before.resolve();
          const joined = await openResponse(server, '/a');
          joined.resume();
        }
        await safelight.changed('cat');
        // A request after the change does not wait for the old run.
        assert.equal((await ask(server, '/a')).text, 'run 2');
        before.resolve();
        middle.resolve();
        assert.equal((await old).text, 'run 1');
        for (let i = 0; i < 3; i += 1) {
          const reply = await ask(server, '/a');
          assert.deepEqual([reply.text, isHeld(reply)], ['run 2', true]);
        }
        await safelight.changed('cat');
        assert.equal((await ask(server, '/a')).text, 'run 3');
      });
    }
  }
});
