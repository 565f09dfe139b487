import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from '@safelight/http';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, exchange, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express5, frameworks, listen, serve } from '../../../../test/servers/servers.ts';

describe('middleware', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('holds failures of the handlers that follow, until changed', async () => {
        const { safelight, clock } = scene();
        let status = 404;
        const work = counted((_req, res) => void res.writeHead(status, { ETag: '"1"' }).end('mine'));
        const server = await serve(framework, safelight.middleware({ asset: () => 'cat' }), work);
        const first = await ask(server, '/a');
        assert.deepEqual([first.status, rungOf(first), first.headers.etag], [404, 1, undefined]);
        clock.pass(59_999);
        const held = await ask(server, '/a');
        assert.deepEqual([isHeld(held), held.headers['retry-after'], work.runs], [true, '1', 1]);
        status = 200;
        await safelight.changed('cat');
        const good = await ask(server, '/a');
        assert.deepEqual([good.text, good.headers.etag], ['mine', '"1"']);
      });

      it('responds instead of the error handler, with the status of the error', async () => {
        const { safelight } = scene();
        let error: unknown = new Error('broken');
        const work = counted((_req, _res, next) => next(error));
        const server = await serve(framework, safelight.middleware(), work);
        assert.deepEqual([(await ask(server, '/a')).status, rungOf(await ask(server, '/a'))], [500, 1]);
        error = Object.assign(new Error('gone'), { status: 410 });
        assert.deepEqual([(await ask(server, '/b')).status, rungOf(await ask(server, '/b'))], [410, 1]);
        error = Object.assign(new Error('slow down'), { status: 429 });
        assert.equal((await ask(server, '/c')).text, 'app: slow down');
        assert.equal((await ask(server, '/c')).text, 'app: slow down');
        assert.equal(work.runs, 4);
      });

      it('a handler that hangs: 504 at the timeout, and its late response is ignored', async () => {
        const { safelight } = scene({ timeoutMs: 20 });
        const gate = Promise.withResolvers<void>();
        const late = Promise.withResolvers<void>();
        const server = await serve(framework, safelight.middleware(), (_req, res) => {
          void gate.promise.then(() => {
            res.setHeader('X-Late', '1');
            res.end('late', () => late.resolve());
          });
        });
        assert.equal((await ask(server, '/a')).status, 504);
        gate.resolve();
        await late.promise;
        assert.equal(isHeld(await ask(server, '/a')), true);
      });

      it('a body that breaks off is a failure', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.middleware(), (_req, res) => {
          res.writeHead(200, { 'Content-Length': 100 });
          res.write('half', () => res.destroy());
        });
        assert.equal((await ask(server, '/a')).complete, false);
        assert.equal(rungOf(await ask(server, '/a')), 1);
      });

      it('one run for all when it fails, one run each when it succeeds', async () => {
        const { safelight } = scene();
        const gate = Promise.withResolvers<void>();
        let status = 404;
        const work = counted(async (_req, res) => {
          await gate.promise;
          res.writeHead(status).end();
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.middleware(options), work);
        const failing = Array.from({ length: 10 }, () => ask(server, '/a'));
        await all(10);
        gate.resolve();
        for (const reply of await Promise.all(failing)) assert.deepEqual([reply.status, rungOf(reply)], [404, 1]);
        assert.equal(work.runs, 1);
        status = 200;
        const good = Array.from({ length: 10 }, () => ask(server, '/b'));
        for (const reply of await Promise.all(good)) assert.equal(reply.status, 200);
        assert.equal(work.runs, 11);
      });

      it('sends successes and responses to POST and Authorization unchanged', async () => {
        const handler: RequestHandler = async (req, res) => {
          if (req.method !== 'GET' || req.headers.authorization !== undefined) res.statusCode = 404;
          res.setHeader('ETag', '"1"');
          await pipeline(Readable.from(['c', 'a', 't']), res);
        };
        const bare = await serve(framework, handler);
        const guarded = await serve(framework, scene().safelight.middleware(), handler);
        for (const text of [
          'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
          'GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YQ==\r\nConnection: close\r\n\r\n',
          'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
          'HEAD /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
        ]) {
          for (let i = 0; i < 2; i += 1) assert.equal(await exchange(guarded, text), await exchange(bare, text));
        }
      });

      it('holds the 404 of a handler after the request was passed on; guard does not', async () => {
        const passOn: RequestHandler = (_req, _res, next) => next();
        const notFound = counted((_req, res) => void res.writeHead(404).end('not found'));
        const byMiddleware = await serve(framework, scene().safelight.middleware(), passOn, notFound);
        await ask(byMiddleware, '/a');
        assert.equal(isHeld(await ask(byMiddleware, '/a')), true);
        const byGuard = await serve(framework, scene().safelight.guard(passOn), notFound);
        await ask(byGuard, '/a');
        assert.equal((await ask(byGuard, '/a')).text, 'not found');
        assert.equal(notFound.runs, 3);
      });
    });
  }

  it('does not hold an error that an error handler turned into a success; guard does', async () => {
    for (const kind of ['middleware', 'guard'] as const) {
      const { safelight } = scene();
      const work = counted((_req, _res, next) => next(Object.assign(new Error('no cat'), { status: 404 })));
      const app = express5();
      if (kind === 'guard') app.use(safelight.guard(work) as unknown as express5.RequestHandler);
      else
        app.use(
          safelight.middleware() as unknown as express5.RequestHandler,
          work as unknown as express5.RequestHandler,
        );
      const sorry: express5.ErrorRequestHandler = (_error, _req, res, _next) => void res.send('sorry');
      app.use(sorry);
      const server = await listen(app);
      const replies = [await ask(server, '/a'), await ask(server, '/a')];
      assert.deepEqual(
        [replies.map(({ status }) => status), work.runs],
        kind === 'guard' ? [[404, 404], 1] : [[200, 200], 2],
      );
    }
  });

  it('functions have names for stack traces', () => {
    const { safelight } = scene();
    assert.equal(safelight.guard(() => {}).name, 'safelightGuard');
    assert.match(safelight.middleware().name, /^safelight/);
    assert.equal(safelight.control().name, 'safelightControl');
  });
});
