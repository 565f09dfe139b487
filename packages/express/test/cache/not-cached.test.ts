import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { RequestHandler } from '@safelight/http';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, exchange, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const runs = (res: { setHeader(name: string, value: string): void }, n: number) => res.setHeader('X-Run', String(n));

const own: Readonly<Record<string, RequestHandler>> = {
  'no-store': (_req, res) => void res.writeHead(200, { 'Cache-Control': 'no-store' }).end('cat'),
  private: (_req, res) => void res.writeHead(200, { 'Cache-Control': 'private, max-age=60' }).end('cat'),
  'Set-Cookie': (_req, res) =>
    void res.writeHead(200, { 'Set-Cookie': 'a=1', 'Cache-Control': 'max-age=60' }).end('cat'),
  'Vary: *': (_req, res) => void res.writeHead(200, { Vary: '*' }).end('cat'),
  'Vary: Cookie': (_req, res) => void res.writeHead(200, { Vary: 'Cookie' }).end('cat'),
  201: (_req, res) => void res.writeHead(201).end('cat'),
  204: (_req, res) => void res.writeHead(204).end(),
  206: (_req, res) => void res.writeHead(206, { 'Content-Range': 'bytes 0-2/9' }).end('cat'),
  '206 with a lifetime': (_req, res) =>
    void res.writeHead(206, { 'Content-Range': 'bytes 0-2/9', 'Cache-Control': 'max-age=60' }).end('cat'),
  301: (_req, res) => void res.writeHead(301, { Location: '/b' }).end(),
  '302 that sets a cookie': (_req, res) =>
    void res.writeHead(302, { Location: '/b', 'Set-Cookie': 'a=1', 'Cache-Control': 'max-age=60' }).end(),
  '302 that is private': (_req, res) =>
    void res.writeHead(302, { Location: '/b', 'Cache-Control': 'private, max-age=60' }).end(),
  302: (_req, res) => void res.writeHead(302, { Location: '/b' }).end(),
  304: (_req, res) => void res.writeHead(304).end(),
};

describe('guard with cache: responses that are not shared', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const [what, handler] of Object.entries(own)) {
        it(`${what}: one run for each client, as without the guard`, async () => {
          const gate = Promise.withResolvers<void>();
          const work = counted(async (req, res, next) => {
            runs(res, work.runs);
            if (work.runs === 1) await gate.promise;
            return handler(req, res, next);
          });
          const { options, all } = arrivals();
          const server = await serve(framework, scene().safelight.guard(work, { ...options, cache: true }));
          const leader = ask(server, '/a');
          await all(1);
          const follower = ask(server, '/a');
          await all(2);
          gate.resolve();
          const replies = [await leader, await follower, await ask(server, '/a'), await ask(server, '/a')];
          assert.equal(work.runs, 4);
          assert.equal(new Set(replies.map(({ headers }) => headers['x-run'])).size, 4);
          for (const { headers } of replies) {
            assert.deepEqual([headers['cache-status'], headers.age, headers.etag], [undefined, undefined, undefined]);
          }
        });
      }

      it('50 at once for a response that is not shared do not wait for each other', async () => {
        const all50 = Promise.withResolvers<void>();
        const first = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          if (work.runs === 1) await first.promise;
          else {
            if (work.runs === 50) all50.resolve();
            await all50.promise; // sequential runs would never resolve it
          }
          res.writeHead(200, { 'Cache-Control': 'no-store' }).end('cat');
        });
        const { options, all } = arrivals();
        const server = await serve(framework, scene().safelight.guard(work, { ...options, cache: true }));
        const asked = Array.from({ length: 50 }, () => ask(server, '/a'));
        await all(50);
        first.resolve();
        for (const { text } of await Promise.all(asked)) assert.equal(text, 'cat');
        assert.equal(work.runs, 50);
      });

      it('a response that has become shareable is cached again after a minute', async () => {
        const { safelight, clock } = scene();
        const work = counted((_req, res) => {
          res.writeHead(200, { 'Cache-Control': work.runs === 1 ? 'no-store' : 'max-age=60' }).end('cat');
        });
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        for (let i = 0; i < 3; i += 1) await ask(server, '/a');
        assert.equal(work.runs, 3);
        clock.pass(60_000);
        for (let i = 0; i < 3; i += 1) await ask(server, '/a');
        assert.equal(work.runs, 4);
      });

      const broken: Readonly<Record<string, RequestHandler>> = {
        'destroyed in the middle': (_req, res) => {
          res.writeHead(200, { 'Content-Length': 100 });
          res.write('half', () => res.destroy());
        },
        'destroyed in the middle with an error': (_req, res) => {
          res.writeHead(200);
          res.write('half', () => res.destroy(new Error('broken')));
        },
        'a piped source that breaks off': (_req, res) => {
          const source = Readable.from(
            (async function* () {
              yield 'half';
              await new Promise(setImmediate);
              throw new Error('broken');
            })(),
          );
          source.on('error', () => res.destroy());
          source.pipe(res);
        },
        'a rejection after the first byte': async (_req, res) => {
          res.writeHead(200, { 'Content-Length': 100 });
          res.write('half');
          await new Promise(setImmediate);
          throw new Error('broken');
        },
        'next(error) after the first byte': (_req, res, next) => {
          res.writeHead(200, { 'Content-Length': 100 });
          res.write('half', () => next(new Error('broken')));
        },
      };
      for (const [what, handler] of Object.entries(broken)) {
        it(`${what}: no client gets a part as the whole, nothing is cached, and it is one failure`, async () => {
          const gate = Promise.withResolvers<void>();
          const work = counted(async (req, res, next) => {
            await gate.promise;
            return handler(req, res, next);
          });
          const { options, all } = arrivals();
          const server = await serve(framework, scene().safelight.guard(work, { ...options, cache: true }));
          const asked = [ask(server, '/a')];
          await all(1);
          asked.push(ask(server, '/a'), ask(server, '/a'));
          await all(3);
          gate.resolve();
          const settled = await Promise.allSettled(asked);
          for (const end of settled) {
            if (end.status === 'fulfilled') {
              assert.ok(!end.value.complete || end.value.status >= 500, `${end.value.status} ${end.value.text}`);
            }
          }
          assert.equal(work.runs, 1);
          const after = await ask(server, '/a');
          assert.deepEqual([after.status, isHeld(after), rungOf(after), work.runs], [500, true, 1, 1]);
        });
      }

      for (const [what, text] of [
        ['fewer', 'half'],
        ['more', 'as much again and again'],
      ] as const) {
        it(`${what} bytes than announced: broken off, not cached, one failure, and the connection ends`, async () => {
          const { safelight, faults } = scene();
          const work = counted((_req, res) => {
            res.writeHead(200, { 'Content-Length': 10 }).write(text.slice(0, 4));
            setImmediate(() => res.end(text.slice(4)));
          });
          const server = await serve(framework, safelight.guard(work, { cache: true }));
          // On an open connection the client would wait for the rest, or read the surplus as the next response.
          const first = await exchange(server, 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
          const body = first.split('\r\n\r\n')[1] ?? '';
          assert.ok(body.startsWith(text.slice(0, 4)) && body.length <= 10, body);
          assert.match(String(faults), /bytes that were announced/);
          const after = await ask(server, '/a');
          assert.deepEqual([after.status, isHeld(after), rungOf(after), work.runs], [500, true, 1, 1]);
        });
      }

      it('an empty body is sent and not cached', async () => {
        const work = counted((_req, res) => void res.writeHead(200, { 'Cache-Control': 'max-age=60' }).end());
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (let i = 1; i < 4; i += 1) {
          assert.equal((await ask(server, '/a')).status, 200);
          assert.equal(work.runs, i);
        }
      });

      it('next(): the next handler responds to every request', async () => {
        const work = counted((_req, _res, next) => next());
        const server = await serve(
          framework,
          scene().safelight.guard(work, { cache: true }),
          (_req, res) => void res.end('fallback'),
        );
        for (let i = 1; i < 3; i += 1) {
          const reply = await ask(server, '/a');
          assert.deepEqual([reply.text, reply.headers['cache-status'], work.runs], ['fallback', undefined, i]);
        }
      });

      it('errors are held as without cache, and never cached', async () => {
        for (const status of [404, 500, 503, 422]) {
          const work = counted((_req, res) => void res.writeHead(status, { 'Cache-Control': 'max-age=60' }).end('no'));
          const server = await serve(framework, scene().safelight.guard(work, { cache: true, hold: [422] }));
          for (let i = 0; i < 2; i += 1) {
            const reply = await ask(server, '/a');
            assert.deepEqual([reply.status, rungOf(reply), isHeld(reply)], [status, 1, i === 1]);
          }
          assert.equal(work.runs, 1);
        }
      });

      it('errors that are never held reach each client from its own run', async () => {
        for (const status of [401, 403, 412, 422, 429]) {
          const work = counted((_req, res) => void res.writeHead(status, { 'Retry-After': 7 }).end('mine'));
          const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
          for (let i = 1; i < 3; i += 1) {
            const reply = await ask(server, '/a');
            assert.deepEqual(
              [reply.status, reply.text, reply.headers['retry-after'], work.runs],
              [status, 'mine', '7', i],
            );
          }
        }
      });
    });
  }
});
