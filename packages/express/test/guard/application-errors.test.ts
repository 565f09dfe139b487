import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSafelight, type SafelightOptions } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import type { ErrorRequestHandler } from 'express';
import { ask, isHeld, type Reply } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { stoppedClock } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, frameworks, listen, serve } from '../../../../test/servers/servers.ts';

function scene(options: SafelightOptions = {}) {
  const clock = stoppedClock();
  const faults: unknown[] = [];
  const safelight = createSafelight({ clock, timeoutMs: 5000, onError: (error) => faults.push(error), ...options });
  return { clock, faults, safelight };
}

/** A handler that writes its own error page. */
const page: RequestHandler = (_req, res) => {
  res.setHeader('ETag', '"page"').setHeader('X-Page', '1');
  res.writeHead(404, { 'Content-Type': 'text/html' });
  res.write('<h1>no ');
  res.end('cat</h1>');
};

const timingOf = ({ headers }: Reply) => String(headers['server-timing']);

describe('guard: errors in the application’s own words', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const cache of [false, true]) {
        const how = cache ? ', with cache' : '';

        it(`a page of the handler passes, and is replayed in the window${how}`, async () => {
          const { safelight, clock } = scene();
          const work = counted(page);
          let requests = 0;
          const before: RequestHandler = (_req, res, next) => {
            requests += 1;
            res.setHeader('X-Request', String(requests));
            next();
          };
          const server = await serve(framework, before, safelight.guard(work, { cache }));
          const first = await ask(server, '/cat');
          clock.pass(2500);
          const second = await ask(server, '/cat');
          for (const reply of [first, second]) {
            assert.deepEqual([reply.status, reply.text], [404, '<h1>no cat</h1>']);
            const { headers } = reply;
            assert.deepEqual([headers['content-type'], headers.etag, headers['x-page']], ['text/html', '"page"', '1']);
          }
          assert.deepEqual([isHeld(first), isHeld(second), work.runs], [false, true, 1]);
          assert.deepEqual([first.headers['x-request'], second.headers['x-request']], ['1', '2']);
          assert.deepEqual([first.headers['retry-after'], second.headers['retry-after']], ['60', '58']);
          assert.match(timingOf(first), /^err;desc="not_found", rung;desc="1", heal;dur=60000$/);
          assert.match(String(first.headers['cache-control']), /^public, max-age=0, s-maxage=60/);
          assert.match(String(second.headers['cache-control']), /^public, max-age=0, s-maxage=57/);
          assert.equal(typeof first.headers['cache-tag'], 'string');
          await safelight.changed('/cat');
          assert.equal(isHeld(await ask(server, '/cat')), false);
        });

        it(`clients that wait get the whole page${how}`, async () => {
          const gate = Promise.withResolvers<void>();
          const work = counted(async (_req, res) => {
            res.writeHead(404, { 'Content-Type': 'text/html' });
            res.write('first ');
            await gate.promise;
            res.end('second');
          });
          const server = await serve(framework, scene().safelight.guard(work, { cache }));
          const asked = [1, 2, 3].map(() => ask(server, '/cat'));
          while (work.runs === 0) await new Promise(setImmediate);
          for (let tick = 0; tick < 20; tick += 1) await new Promise(setImmediate);
          gate.resolve();
          const replies = await Promise.all(asked);
          assert.deepEqual(
            replies.map(({ text }) => text),
            Array(3).fill('first second'),
          );
          assert.equal(work.runs, 1);
        });

        it(`a request with cookies, or a page that is for one client, is not captured: then Safelight responds${how}`, async () => {
          const own: readonly (readonly [RequestHandler, Record<string, string>])[] = [
            // With cache, the run has not seen the cookie.
            ...(cache ? [] : [[page, { Cookie: 'a=1' }] as const]),
            [(_req, res) => void res.writeHead(404, { 'Cache-Control': 'no-store' }).end('mine'), {}],
            [(_req, res) => void res.writeHead(404).end('x'.repeat(70_000)), {}],
          ];
          for (const [handler, headers] of own) {
            const work = counted(handler);
            const server = await serve(framework, scene().safelight.guard(work, { cache }));
            const first = await ask(server, '/cat', { headers });
            assert.doesNotMatch(first.text, /Next attempt/);
            assert.equal(first.complete, true);
            const second = await ask(server, '/cat');
            assert.match(second.text, /^Not found\. Next attempt/);
            assert.equal(work.runs, 1);
          }
        });
      }

      it('a page is replayed only to requests that were negotiated alike', async () => {
        const server = await serve(framework, scene().safelight.guard(page));
        await ask(server, '/cat', { headers: { Accept: 'text/html' } });
        assert.match((await ask(server, '/cat', { headers: { Accept: 'text/html;q=1' } })).text, /no cat/);
        assert.match((await ask(server, '/cat', { headers: { Accept: 'text/plain' } })).text, /Next attempt/);
      });

      it('lifetimes of the application are shortened to the rest of the window, and never lengthened', async () => {
        const { safelight, clock } = scene();
        const handler: RequestHandler = (_req, res) => {
          res.writeHead(503, { 'Cache-Control': 'public, max-age=10, s-maxage=3600', 'Retry-After': '30' }).end('busy');
        };
        const server = await serve(framework, safelight.guard(handler));
        assert.equal((await ask(server, '/cat')).headers['cache-control'], 'public, max-age=10, s-maxage=30');
        clock.pass(25_000);
        const held = await ask(server, '/cat');
        assert.equal(held.headers['cache-control'], 'public, max-age=5, s-maxage=5');
        assert.equal(held.headers['retry-after'], '30');
      });

      it('middleware: the page of what follows passes and is replayed', async () => {
        const work = counted(page);
        const server = await serve(framework, scene().safelight.middleware(), work);
        assert.match((await ask(server, '/cat')).text, /no cat/);
        const second = await ask(server, '/cat');
        assert.deepEqual([second.text, isHeld(second), work.runs], ['<h1>no cat</h1>', true, 1]);
      });

      it('a HEAD gets the head of the page, and a success is left alone', async () => {
        const server = await serve(framework, scene().safelight.guard(page));
        await ask(server, '/cat');
        const head = await ask(server, '/cat', { method: 'HEAD' });
        assert.deepEqual([head.status, head.text, head.headers['content-length'], isHeld(head)], [404, '', '15', true]);
      });

      it('a timeout is in the words of Safelight', async () => {
        const { safelight, faults } = scene({ timeoutMs: 20 });
        const server = await serve(
          framework,
          safelight.guard(() => undefined),
        );
        const reply = await ask(server, '/cat');
        assert.deepEqual([reply.status, faults.length], [504, 1]);
        assert.match(reply.text, /^The transformation took too long/);
      });
    });
  }

  for (const [name, create] of [
    ['Express 5', express5],
    ['Express 4', express4],
  ] as const) {
    describe(`error handlers in ${name}`, () => {
      for (const cache of [false, true]) {
        it(`get the error of the run, and later the same error, held${cache ? ', with cache' : ''}`, async () => {
          const { safelight, clock, faults } = scene();
          const error = Object.assign(new Error('upstream'), { status: 502 });
          const work = counted((_req: IncomingMessage, _res: ServerResponse, next: (error?: unknown) => void) =>
            next(error),
          );
          const app = create();
          app.use(safelight.guard(work, { cache }));
          const seen: unknown[] = [];
          app.use(((failed: { held?: boolean; message: string }, _req, res, _next) => {
            seen.push([failed === (error as unknown), failed.held === true]);
            res.status(500).json({ mine: failed.message });
          }) as ErrorRequestHandler);
          const server = await listen(app);
          const first = await ask(server, '/cat');
          const second = await ask(server, '/cat');
          for (const reply of [first, second]) {
            assert.deepEqual([reply.status, reply.text], [500, '{"mine":"upstream"}']);
            assert.equal(reply.headers['retry-after'], '1');
            assert.match(timingOf(reply), /err;desc="bad_gateway"/);
          }
          assert.deepEqual(seen, [
            [true, false],
            [true, true],
          ]);
          assert.deepEqual([work.runs, faults], [1, []]);
          clock.pass(1000);
          await ask(server, '/cat');
          assert.equal(work.runs, 2);
        });
      }

      it('with a placeholder they get the error, and the client gets the placeholder', async () => {
        const { safelight } = scene({ placeholder: 'drawn' });
        const app = create();
        app.use(
          safelight.guard(() => {
            throw new Error('broken');
          }),
        );
        const seen: string[] = [];
        app.use(((error: Error, _req, res, _next) => {
          seen.push(error.message);
          res.status(500).send('a page');
        }) as ErrorRequestHandler);
        const server = await listen(app);
        for (let time = 0; time < 2; time += 1) {
          const reply = await ask(server, '/cat', { headers: { 'Sec-Fetch-Dest': 'image' } });
          assert.deepEqual([reply.status, reply.headers['content-type']], [500, 'image/svg+xml']);
        }
        assert.deepEqual(seen, ['broken']);
      });

      it('a process that has not seen the error passes on its status and code', async () => {
        const shared = { store: (await import('@safelight/stores')).memoryStore() };
        const servers = await Promise.all(
          [0, 1].map(() => {
            const app = create();
            app.use(
              createSafelight({ ...shared, onError: () => undefined }).guard((_req, _res, next) =>
                next(Object.assign(new Error('secret'), { status: 404, expose: false })),
              ),
            );
            app.use(((error: Record<string, unknown>, _req, res, _next) => {
              const { status, expose, code, held, message } = error;
              res.status(Number(status)).json({ status, expose, code, held, message });
            }) as ErrorRequestHandler);
            return listen(app);
          }),
        );
        await ask(servers[0] as (typeof servers)[0], '/cat');
        const reply = await ask(servers[1] as (typeof servers)[0], '/cat');
        assert.deepEqual(JSON.parse(reply.text), {
          ...{ status: 404, expose: false, code: 'not_found', held: true, message: 'Not found' },
        });
      });
    });
  }
});
