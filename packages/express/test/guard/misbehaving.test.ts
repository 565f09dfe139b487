import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { RequestHandler } from '@safelight/http';
import { ask, exchange, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`;

describe('guard: handlers that misbehave', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      const throwers: Readonly<Record<string, RequestHandler>> = {
        'throws at once': () => {
          throw new Error('/etc/secret');
        },
        'rejects later': async () => {
          await new Promise(setImmediate);
          throw new Error('/etc/secret');
        },
        'throws undefined': () => {
          throw undefined;
        },
        'passes an error on': (_req, _res, next) => next(new Error('/etc/secret')),
        'sends 500': (_req, res) => void res.writeHead(500, { 'X-Mine': '1' }).end('/etc/secret'),
      };
      for (const [what, handler] of Object.entries(throwers)) {
        it(`${what}: a 500 without the text of the error, held for a second`, async () => {
          const { safelight, clock } = scene();
          const work = counted(handler);
          const server = await serve(framework, safelight.guard(work));
          const first = await ask(server, '/a');
          assert.deepEqual(
            [first.status, first.headers['retry-after'], rungOf(first), isHeld(first)],
            [500, '1', 1, false],
          );
          assert.doesNotMatch(JSON.stringify(first), /secret|X-Mine/i);
          clock.pass(999);
          assert.deepEqual([(await ask(server, '/a')).status, work.runs], [500, 1]);
          clock.pass(1);
          assert.deepEqual([rungOf(await ask(server, '/a')), work.runs], [2, 2]);
          assert.equal((await ask(server, '/b')).status, 500);
          assert.equal(work.runs, 3);
        });
      }

      it('hangs: 504 at the timeout, and its later calls have no effect', async () => {
        const { safelight } = scene({ timeoutMs: 25 });
        const responded = Promise.withResolvers<void>();
        const late = Promise.withResolvers<void>();
        const server = await serve(
          framework,
          safelight.guard(async (_req, res) => {
            await responded.promise;
            res.statusCode = 200;
            res.setHeader('X-Late', '1');
            res.appendHeader('X-Late', '2');
            res.setHeaders(new Map<string, string | number | readonly string[]>([['X-Late', '3']]));
            res.removeHeader('Content-Length');
            res.writeHead(200, { 'X-Late': '4' });
            res.flushHeaders();
            res.addTrailers({ 'X-Late': '5' });
            await new Promise<void>((resolve) => res.write('late', () => resolve()));
            await new Promise<void>((resolve) => res.end('later', () => resolve()));
            late.resolve();
          }),
        );
        const reply = await ask(server, '/a');
        responded.resolve();
        await late.promise;
        assert.deepEqual([reply.status, rungOf(reply), reply.headers['retry-after']], [504, 1, '1']);
        assert.doesNotMatch(JSON.stringify(reply), /late/i);
        assert.equal(isHeld(await ask(server, '/a')), true);
      });

      it('hangs, then responds in a callback: no uncaught exception', async () => {
        const { safelight } = scene({ timeoutMs: 25 });
        const late = Promise.withResolvers<ServerResponse>();
        const server = await serve(
          framework,
          safelight.guard((_req, res) => void late.resolve(res)),
        );
        assert.equal((await ask(server, '/a')).status, 504);
        const res = await late.promise;
        res.setHeader('Content-Type', 'image/png').end('late');
      });

      it('hangs, then fails or passes the request on: no effect', async () => {
        const { safelight } = scene({ timeoutMs: 25 });
        const lateNext = Promise.withResolvers<(error?: unknown) => void>();
        let passedOn = 0;
        const server = await serve(
          framework,
          safelight.guard((_req, _res, next) => void lateNext.resolve(next)),
          () => {
            passedOn += 1;
          },
        );
        assert.equal((await ask(server, '/a')).status, 504);
        const next = await lateNext.promise;
        next();
        next(new Error('late'));
        assert.equal(passedOn, 0);
      });

      it('sends Retry-After: held for exactly that time', async () => {
        const { safelight, clock } = scene();
        const work = counted((_req, res) => void res.writeHead(503, { 'RETRY-AFTER': 10 }).end());
        const server = await serve(framework, safelight.guard(work));
        assert.equal((await ask(server, '/a')).headers['retry-after'], '10');
        clock.pass(9999);
        assert.equal((await ask(server, '/a')).headers['retry-after'], '1');
        assert.equal(work.runs, 1);
        clock.pass(1);
        await ask(server, '/a');
        assert.equal(work.runs, 2);
      });

      const retryAfters: Readonly<Record<string, (res: ServerResponse) => void>> = {
        'setHeader and write': (res) => {
          res.statusCode = 503;
          res.setHeader('Retry-After', '10');
          res.write('a');
          res.end();
        },
        'a flat list': (res) => void res.writeHead(503, ['X-A', '1', 'Retry-After', '10']).end(),
        pairs: (res) => void res.writeHead(503, 'Busy', [['RETRY-AFTER', '10']] as never).end(),
        'an object after a reason': (res) => void res.writeHead(503, 'Busy', { 'Retry-After': '10' }).end(),
      };
      for (const [how, respond] of Object.entries(retryAfters)) {
        it(`Retry-After is read from ${how}`, async () => {
          const { safelight } = scene();
          const server = await serve(
            framework,
            safelight.guard((_req, res) => respond(res)),
          );
          assert.equal((await ask(server, '/a')).headers['retry-after'], '10');
        });
      }

      for (const status of [206, 304, 401, 407, 408, 412, 416, 417, 421, 425, 426, 428, 429, 431, 511, 418, 420, 423]) {
        it(`${status} is sent unchanged byte for byte and is not held`, async () => {
          const work = counted((_req, res) => {
            res.setHeader('Retry-After', '7');
            res.setHeader('X-Mine', 'yes');
            res.statusCode = status;
            res.end('mine');
          });
          const bare = await serve(framework, work);
          const guarded = await serve(framework, scene().safelight.guard(work));
          const expected = await exchange(bare, get('/a'));
          assert.equal(await exchange(guarded, get('/a')), expected);
          assert.equal(await exchange(guarded, get('/a')), expected);
          assert.equal(work.runs, 3);
        });
      }

      it('403 is held for requests without a cookie, and not held for those with one', async () => {
        const { safelight } = scene();
        const work = counted((_req, res) => void res.writeHead(403).end('mine'));
        const server = await serve(framework, safelight.guard(work, { hold: [403] }));
        const withCookie = { headers: { Cookie: 'session=1' } };
        assert.equal((await ask(server, '/a', withCookie)).text, 'mine');
        assert.equal((await ask(server, '/a', withCookie)).text, 'mine');
        assert.equal(rungOf(await ask(server, '/a')), 1);
        assert.equal(isHeld(await ask(server, '/a')), true);
        assert.equal(work.runs, 3);
        assert.equal((await ask(server, '/a', withCookie)).text, 'mine');
        assert.equal(work.runs, 4);
      });

      const breakers: Readonly<Record<string, RequestHandler>> = {
        'destroys its response': (_req, res) => void res.destroy(),
        'destroys it with an error': (_req, res) => void res.destroy(new Error('half')),
        'destroys the connection': (req) => void req.socket.destroy(),
        'pipes a stream that breaks': (_req, res) => {
          const source = new Readable({ read: () => void setImmediate(() => source.destroy(new Error('half'))) });
          pipeline(source, res, () => {});
        },
        'passes an error on': (_req, _res, next) => next(new Error('half')),
        rejects: async (_req, res) => {
          await once(res, 'drained');
          throw new Error('half');
        },
      };
      for (const [what, breakOff] of Object.entries(breakers)) {
        it(`half a body, then ${what}: ends as without the guard, and the failure is held`, async () => {
          const handler = counted((req, res, next) => {
            res.writeHead(200, { 'Content-Type': 'image/png', 'Content-Length': 100 });
            return res.write('half', () => {
              const returned = breakOff(req, res, next);
              if (returned instanceof Promise) returned.catch(next);
              res.emit('drained');
            });
          });
          const bare = await serve(framework, handler);
          const guarded = await serve(framework, scene().safelight.guard(handler));
          const expected = await exchange(bare, get('/a'));
          assert.match(expected, /\r\n\r\nhalf$/);
          assert.equal(await exchange(guarded, get('/a')), expected);
          const after = await ask(guarded, '/a');
          assert.deepEqual([after.status, rungOf(after), isHeld(after), handler.runs], [500, 1, true, 2]);
        });
      }

      it('a stream that breaks before its first byte is held too', async () => {
        const { safelight } = scene();
        const work = counted((_req, res, next) => {
          pipeline(createReadStream('/nowhere/cat.jpg'), res, (error) => error && next(error));
        });
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/a').catch(() => {});
        const after = await ask(server, '/a');
        assert.deepEqual([after.status, rungOf(after), isHeld(after), work.runs], [500, 1, true, 1]);
      });

      it('404 with a streamed body: the guard responds instead, and the stream is read to its end', async () => {
        const { safelight } = scene();
        const responded = Promise.withResolvers<void>();
        const ended = Promise.withResolvers<void>();
        const work = counted((_req, res) => {
          res.writeHead(404, { 'Content-Type': 'text/html', 'X-Mine': '1' });
          const page = Readable.from(
            (async function* chunks() {
              yield 'mine';
              await responded.promise;
              for (let i = 0; i < 20; i += 1) yield Buffer.alloc(16_384, 'mine');
            })(),
          );
          page.once('end', () => ended.resolve());
          page.pipe(res);
        });
        const server = await serve(framework, safelight.guard(work));
        const reply = await ask(server, '/a');
        assert.deepEqual([reply.status, reply.headers['x-mine'], rungOf(reply)], [404, undefined, 1]);
        assert.doesNotMatch(reply.text, /mine/);
        responded.resolve();
        await ended.promise;
        assert.equal(isHeld(await ask(server, '/a')), true);
        assert.equal(work.runs, 1);
      });

      it('a request that is passed on changes no ladder', async () => {
        const { safelight, clock } = scene();
        let fails = true;
        const work = counted((_req, res, next) => (fails ? void res.writeHead(404).end() : next()));
        const server = await serve(
          framework,
          safelight.guard(work),
          (_req, res) => void res.writeHead(404).end('theirs'),
        );
        await ask(server, '/a');
        clock.pass(60_000);
        fails = false;
        assert.equal((await ask(server, '/a')).text, 'theirs');
        assert.equal((await ask(server, '/a')).text, 'theirs');
        fails = true;
        assert.equal(rungOf(await ask(server, '/a')), 2);
        assert.equal(work.runs, 4);
      });

      it('a response that is never held does not change the ladder', async () => {
        const { safelight, clock } = scene();
        let status = 404;
        const server = await serve(
          framework,
          safelight.guard((_req, res) => void res.writeHead(status).end()),
        );
        await ask(server, '/a');
        clock.pass(60_000);
        status = 429;
        assert.equal((await ask(server, '/a')).status, 429);
        status = 404;
        assert.equal(rungOf(await ask(server, '/a')), 2);
      });

      it('a success ends the ladder', async () => {
        const { safelight, clock } = scene();
        let status = 404;
        const server = await serve(
          framework,
          safelight.guard((_req, res) => void res.writeHead(status).end()),
        );
        await ask(server, '/a');
        clock.pass(60_000);
        assert.equal(rungOf(await ask(server, '/a')), 2);
        clock.pass(120_000);
        status = 200;
        assert.equal((await ask(server, '/a')).status, 200);
        status = 404;
        assert.equal(rungOf(await ask(server, '/a')), 1);
      });

      it('an error with a status is held with that status; one that is never held goes to the error handler', async () => {
        const { safelight } = scene();
        let error: unknown = Object.assign(new Error('no cat'), { status: 404 });
        const work = counted((_req, _res, next) => next(error));
        const server = await serve(framework, safelight.guard(work));
        const missing = await ask(server, '/missing');
        assert.deepEqual([missing.status, missing.headers['retry-after'], rungOf(missing)], [404, '60', 1]);
        error = Object.assign(new Error('slow down'), { status: 429 });
        for (let i = 0; i < 2; i += 1) {
          const slow = await ask(server, '/slow');
          assert.deepEqual([slow.status, slow.text], [429, 'app: slow down']);
        }
        error = false;
        assert.equal((await ask(server, '/falsy')).text, 'nobody');
        assert.equal(work.runs, 4);
      });
    });
  }
});
