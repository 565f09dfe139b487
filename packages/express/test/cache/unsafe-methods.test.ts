import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Store } from '@safelight/core';
import type { RequestHandler } from '@safelight/http';
import { memoryStore } from '@safelight/stores';
import { chaosStore } from '@safelight/stores/chaos';
import { ask, exchange, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene, stoppedClock } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';
import { responders } from '../guard/ways-to-respond.ts';
import { essence } from './essence.ts';

/** A handler for a text that GET reads and other methods replace. */
function document(respond: (status: number) => RequestHandler = plain) {
  let text = 'first';
  return counted(async (req, res, next) => {
    if (req.method === 'GET') return void res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(text);
    let body = '';
    for await (const chunk of req) body += chunk;
    if (body !== '') text = body;
    return respond(Number(req.headers['x-status'] ?? 204))(req, res, next);
  });
}

const plain =
  (status: number): RequestHandler =>
  (_req, res) =>
    void res.writeHead(status).end();

/** A store that delays the renewal of marks. */
function slowStore(): { readonly store: Store; readonly renewals: (() => void)[] } {
  const real = memoryStore();
  const renewals: (() => void)[] = [];
  const isMark = (key: string) => key.startsWith('g:');
  const store: Store = {
    getMany: async (keys) => real.getMany(keys),
    set: async (key, value, ttlMs) => {
      // The first mark of an asset is written without delay.
      if (isMark(key) && (await real.getMany([key]))[0] !== undefined) {
        await new Promise<void>((resolve) => renewals.push(resolve));
      }
      return real.set(key, value, ttlMs);
    },
    delete: async (key) => real.delete(key),
  };
  return { store, renewals };
}

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('guard with cache and freeOnWrite: unsafe methods', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'PURGE']) {
        it(`${method}: a request after its response gets the new picture`, async () => {
          const work = document();
          const server = await serve(framework, scene().safelight.guard(work, { cache: true, freeOnWrite: true }));
          await ask(server, '/a?w=1');
          for (const status of [200, 204, 303]) {
            assert.equal(isHeld(await ask(server, '/a?w=1')), true);
            const body = `after ${status}`;
            const headers = { 'X-Status': status, Authorization: 'Basic YTpi', 'Content-Length': body.length };
            assert.equal((await ask(server, '/a', { method, headers, body })).status, status);
            const reply = await ask(server, '/a?w=1');
            assert.deepEqual([reply.text, isHeld(reply)], [`after ${status}`, false]);
          }
        });
      }

      it('OPTIONS, failures and requests for other assets invalidate nothing', async () => {
        const work = document();
        const server = await serve(framework, scene().safelight.guard(work, { cache: true, freeOnWrite: true }));
        await ask(server, '/a');
        await ask(server, '/a', { method: 'OPTIONS', headers: { 'X-Status': 200 } });
        for (const status of [400, 403, 404, 500])
          await ask(server, '/a', { method: 'PUT', headers: { 'X-Status': status } });
        await ask(server, '/b', { method: 'PUT', body: 'other' });
        const named = { Location: '/a', 'Content-Location': '/a', 'X-Status': 201 };
        await ask(server, '/b', { method: 'POST', headers: named });
        assert.equal(isHeld(await ask(server, '/a')), true);
      });

      it('the asset that the option names is invalidated', async () => {
        const work = document();
        const asset = (req: { readonly url?: string | undefined }) => /\/([^/?]*)$/.exec(req.url ?? '')?.[1];
        const server = await serve(framework, scene().safelight.guard(work, { cache: true, freeOnWrite: true, asset }));
        await ask(server, '/w_1/cat');
        await ask(server, '/w_2/cat');
        await ask(server, '/originals/cat', { method: 'PUT', body: 'new' });
        for (const path of ['/w_1/cat', '/w_2/cat']) assert.equal((await ask(server, path)).text, 'new');
        assert.equal((await ask(server, '/originals/', { method: 'PUT' })).status, 204);
      });

      it('the response of a run that began before is not cached', async () => {
        const gate = Promise.withResolvers<void>();
        const began = Promise.withResolvers<void>();
        const work = counted(async (req, res) => {
          if (req.method === 'PUT') return void res.end('put');
          if (work.runs === 1) {
            began.resolve();
            await gate.promise;
            return void res.end('old');
          }
          return void res.end('new');
        });
        const server = await serve(framework, scene().safelight.guard(work, { cache: true, freeOnWrite: true }));
        const old = ask(server, '/a');
        await began.promise;
        assert.equal((await ask(server, '/a', { method: 'PUT' })).text, 'put');
        assert.equal((await ask(server, '/a')).text, 'new');
        gate.resolve();
        assert.equal((await old).text, 'old');
        assert.equal((await ask(server, '/a')).text, 'new');
      });

      for (const [what, respond] of Object.entries(responders)) {
        // Node refuses pairs after a header was set, and Express always sets one.
        if (what.includes('pairs') && framework.name !== 'node:http') continue;
        // It reads the state of the connection between a write and the end, when the write is still held.
        if (what === 'return values of calls') continue;
        it(`the same response as without the guard: ${what}`, async () => {
          const handler: RequestHandler = async (req, res) => void (await respond(res, req));
          const bare = await serve(framework, handler);
          const cached = await serve(framework, scene().safelight.guard(handler, { cache: true, freeOnWrite: true }));
          const put = { method: 'PUT', body: 'sent' };
          const expected = await ask(bare, '/a', put);
          const reply = await ask(cached, '/a', put);
          assert.deepEqual(essence(reply, expected), essence(expected, expected));
          const raw = 'PUT /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nsent';
          assert.equal(await exchange(cached, raw), await exchange(bare, raw));
        });
      }

      it('no byte of the response is sent before the change is confirmed', async () => {
        const { store, renewals } = slowStore();
        const { safelight } = scene({ store, clock: Date.now });
        const server = await serve(framework, safelight.guard(document(), { cache: true, freeOnWrite: true }));
        await ask(server, '/a');
        await until(async () => isHeld(await ask(server, '/a')));
        const order: string[] = [];
        const put = ask(server, '/a', { method: 'PUT', body: 'new' }).then(() => void order.push('answered'));
        await until(() => renewals.length > 0);
        for (let i = 0; i < 5; i += 1) await ask(server, `/other/${i}`);
        order.push('confirmed');
        renewals.shift()?.();
        await put;
        assert.deepEqual(order, ['confirmed', 'answered']);
        assert.equal((await ask(server, '/a')).text, 'new');
      });

      it('meanwhile the handler sees a slow connection, and headersSent is true', async () => {
        const { store, renewals } = slowStore();
        const heard: unknown[] = [];
        const piece = randomBytes(1000);
        const { safelight } = scene({ store, clock: Date.now });
        const handler: RequestHandler = async (req, res) => {
          if (req.method === 'GET') return void res.end('cat');
          res.statusCode = 200;
          const drained = once(res, 'drain').then(() => heard.push('drain'));
          heard.push(res.write(piece), res.headersSent);
          try {
            res.setHeader('X-Late', '1');
          } catch (error) {
            heard.push((error as NodeJS.ErrnoException).code);
          }
          await drained;
          await pipeline(Readable.from(Array.from({ length: 50 }, () => piece)), res);
          return void heard.push('piped');
        };
        const server = await serve(framework, safelight.guard(handler, { cache: true, freeOnWrite: true }));
        await ask(server, '/a');
        const put = ask(server, '/a', { method: 'PUT' });
        await until(() => renewals.length > 0);
        assert.deepEqual(heard, [false, true, 'ERR_HTTP_HEADERS_SENT']);
        renewals.shift()?.();
        const { body, complete } = await put;
        assert.deepEqual([complete, body.length], [true, 51_000]);
        await until(() => heard.length === 5);
        assert.deepEqual(heard.slice(3), ['drain', 'piped']);
      });

      it('a large request body reaches the handler unchanged, with backpressure', async () => {
        const { safelight } = scene();
        const bytes = randomBytes(4 * 1024 ** 2);
        const go = Promise.withResolvers<void>();
        const handler: RequestHandler = async (req, res) => {
          await go.promise;
          const hash = createHash('sha256');
          for await (const chunk of req) hash.update(chunk as Buffer);
          res.end(hash.digest('hex'));
        };
        const server = await serve(framework, safelight.guard(handler, { cache: true, freeOnWrite: true }));
        const put = request({ port: server.port, path: '/a', method: 'PUT', agent: false });
        const replied = once(put, 'response');
        put.end(bytes);
        go.resolve();
        const [reply] = await replied;
        let text = '';
        for await (const chunk of reply) text += chunk;
        assert.equal(text, createHash('sha256').update(bytes).digest('hex'));
      });

      it('a client may disconnect meanwhile, and the handler may destroy its response', async () => {
        const { store, renewals } = slowStore();
        const { safelight } = scene({ store, clock: Date.now });
        const work = document(() => (req, res) => {
          res.write('half');
          if (req.url === '/destroyed') res.destroy();
          else res.end('whole');
        });
        const server = await serve(framework, safelight.guard(work, { cache: true, freeOnWrite: true }));
        for (const path of ['/left', '/destroyed']) {
          await ask(server, path);
          const put = request({ port: server.port, path, method: 'PUT', agent: false });
          put.on('error', () => {});
          put.end();
          await until(() => renewals.length > 0);
          put.destroy();
          renewals.shift()?.();
          assert.equal((await ask(server, path)).status, 200);
        }
      });
    });
  }

  it('a store that cannot confirm the change: the response is sent, onError is called, and the change is repeated', async () => {
    const clock = stoppedClock();
    const store = chaosStore(memoryStore({ clock }));
    const { safelight, faults } = scene({ clock, store });
    const server = await serve(
      frameworks[0] as Framework,
      safelight.guard(document(), { cache: true, freeOnWrite: true }),
    );
    await ask(server, '/a');
    await until(async () => isHeld(await ask(server, '/a')));
    store.control.down();
    const put = await ask(server, '/a', { method: 'PUT', body: 'new' });
    assert.equal(put.status, 204);
    assert.match(String(faults), /did not confirm/);
    store.control.up();
    clock.pass(5000);
    await until(async () => (await ask(server, '/a')).text === 'new');
  }).timeout(10_000);
});
