import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { ask, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, frameworks, listen, serve } from '../../../../test/servers/servers.ts';

const missing: RequestHandler = (_req, res) => void res.writeHead(404).end('mine');

/** A handler with ranges and conditional requests that refuses HEAD. */
const picture: RequestHandler = (req, res) => {
  if (req.method === 'HEAD') return void res.writeHead(405).end();
  if (req.headers['if-none-match'] === '"1"') return void res.writeHead(304, { ETag: '"1"' }).end();
  if (req.headers.range !== undefined) {
    return void res.writeHead(206, { 'Content-Range': 'bytes 0-0/3', 'Content-Length': 1 }).end('c');
  }
  return void res.writeHead(200, { ETag: '"1"' }).end('cat');
};

describe('guard: kinds of requests', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('with Authorization: failures are not held, and held failures are not sent', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const server = await serve(framework, safelight.guard(work));
        const secret = { headers: { Authorization: 'Bearer 1' } };
        for (let i = 0; i < 2; i += 1) assert.equal((await ask(server, '/a', secret)).text, 'mine');
        assert.equal(rungOf(await ask(server, '/a')), 1);
        assert.equal((await ask(server, '/a', secret)).text, 'mine');
        assert.equal(work.runs, 4);
      });

      it('private by the option isPrivate: the same', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const isPrivate = { isPrivate: (req: IncomingMessage) => req.url?.includes('mine') === true };
        const server = await serve(framework, safelight.guard(work, isPrivate));
        for (let i = 0; i < 2; i += 1) assert.equal((await ask(server, '/a?mine')).text, 'mine');
        await ask(server, '/a');
        await ask(server, '/a');
        assert.equal(work.runs, 3);
      });

      it('private requests do not wait for each other', async () => {
        const { safelight } = scene();
        const both = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          if (work.runs === 2) both.resolve();
          await both.promise;
          res.end('cat');
        });
        const server = await serve(framework, safelight.guard(work, { isPrivate: () => true }));
        const replies = await Promise.all([ask(server, '/a'), ask(server, '/a')]);
        assert.deepEqual(
          replies.map(({ text }) => text),
          ['cat', 'cat'],
        );
      });

      it('HEAD first: its failure does not count for GET', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.guard(picture));
        assert.equal((await ask(server, '/a', { method: 'HEAD' })).status, 405);
        assert.equal((await ask(server, '/a')).text, 'cat');
        assert.equal((await ask(server, '/a', { method: 'HEAD' })).status, 405);
      });

      it('HEAD of a held failure: the headers of the GET, and no run', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/a');
        const get = await ask(server, '/a');
        const head = await ask(server, '/a', { method: 'HEAD' });
        assert.deepEqual(head.rawHeaders.toSpliced(-4), get.rawHeaders.toSpliced(-4));
        assert.deepEqual([head.status, head.body.length, isHeld(head), work.runs], [404, 0, true, 1]);
      });

      it('HEAD of a handler that rejects: the error reaches the application', async () => {
        const { safelight } = scene();
        const server = await serve(
          framework,
          safelight.guard(async (req) => {
            await new Promise(setImmediate);
            throw Object.assign(new Error(`no ${req.method}`), { status: 501 });
          }),
        );
        assert.equal((await ask(server, '/a', { method: 'HEAD' })).status, 501);
      });

      it('HEAD of a handler that throws: the error reaches the application', async () => {
        const { safelight } = scene();
        const server = await serve(
          framework,
          safelight.guard(() => {
            throw Object.assign(new Error('no'), { status: 501 });
          }),
        );
        assert.equal((await ask(server, '/a', { method: 'HEAD' })).status, 501);
      });

      it('conditional or range request first: 304 and 206 are unchanged, and a later GET gets the whole picture', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.guard(picture));
        assert.equal((await ask(server, '/a', { headers: { 'If-None-Match': '"1"' } })).status, 304);
        const part = await ask(server, '/a', { headers: { Range: 'bytes=0-0' } });
        assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, 'c', 'bytes 0-0/3']);
        assert.equal((await ask(server, '/a')).text, 'cat');
      });

      it('header fields of a client do not bypass a held failure', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/a');
        for (const headers of [
          { 'Cache-Control': 'no-cache' },
          { Pragma: 'no-cache' },
          { 'If-None-Match': '*' },
          { 'If-Modified-Since': new Date().toUTCString() },
          { Range: 'bytes=0-0' },
          { Cookie: 'a=1' },
        ]) {
          const reply = await ask(server, '/a', { headers });
          assert.deepEqual([reply.status, rungOf(reply), isHeld(reply)], [404, 1, true]);
        }
        assert.equal(work.runs, 1);
      });

      it('POST, PUT, DELETE and OPTIONS are not guarded', async () => {
        const { safelight } = scene();
        const work = counted(async (req, res) => {
          const chunks: Buffer[] = [];
          for await (const chunk of req) chunks.push(chunk as Buffer);
          res.writeHead(404, { 'X-Method': req.method }).end(Buffer.concat(chunks));
        });
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/a');
        for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
          const reply = await ask(server, '/a', { method, body: 'sent', headers: { 'Content-Length': 4 } });
          assert.deepEqual([reply.text, reply.headers['x-method']], ['sent', method]);
        }
        assert.equal(work.runs, 5);
      });

      it('a request without an asset is not guarded', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const server = await serve(framework, safelight.guard(work, { asset: () => undefined }));
        assert.equal((await ask(server, '/a')).text, 'mine');
        assert.equal((await ask(server, '/a')).text, 'mine');
      });

      it('a derivation is the URL with its query, unless the option names it', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const width = (req: IncomingMessage) => new URL(req.url ?? '/', 'http://a').searchParams.get('w') ?? '';
        const server = await serve(
          framework,
          (req, res, next) => (req.url?.startsWith('/named') ? next() : safelight.guard(work)(req, res, next)),
          safelight.guard(work, { derivation: width }),
        );
        for (const path of ['/a?w=1', '/a?w=2', '/a?w=1&', '/a?w=1']) await ask(server, path);
        assert.equal(work.runs, 3);
        for (const path of ['/named?w=1', '/named?w=1&utm=2', '/named?w=2']) await ask(server, path);
        assert.equal(work.runs, 5);
      });
    });
  }

  for (const [name, express] of [
    ['Express 5', express5],
    ['Express 4', express4],
  ] as const) {
    describe(`routes of ${name}`, () => {
      it("next('route') and next('router') work as without the guard", async () => {
        const { safelight } = scene();
        const app = express();
        const router = express.Router();
        let leave = 'route';
        router.get(
          '/:id',
          safelight.guard((_req, _res, next) => next(leave)),
          (_req, res) => void res.end('the same route'),
        );
        router.get('/:id', (_req, res) => void res.end('the next route'));
        app.use(router);
        app.use((_req, res) => void res.end('after the router'));
        const server = await listen(app);
        assert.equal((await ask(server, '/a')).text, 'the next route');
        leave = 'router';
        assert.equal((await ask(server, '/a')).text, 'after the router');
      });

      it('route parameters name the asset, and mount points are part of the URL', async () => {
        const { safelight } = scene();
        const work = counted(missing);
        const app = express();
        for (const mount of ['/small', '/large']) {
          const router = express.Router();
          router.get(
            '/:id',
            safelight.guard<express5.Request>(work as RequestHandler<express5.Request>, {
              asset: (req) => String(req.params['id']),
            }),
          );
          app.use(mount, router);
        }
        const server = await listen(app);
        for (const path of ['/small/cat', '/large/cat', '/small/cat', '/small/dog']) await ask(server, path);
        assert.equal(work.runs, 3);
        await safelight.changed('cat');
        for (const path of ['/small/cat', '/large/cat', '/small/dog']) await ask(server, path);
        assert.equal(work.runs, 5);
      });

      it('a whole application can be the handler', async () => {
        const { safelight } = scene();
        const inner = express();
        inner.get('/cat', (req, res) => void res.set('X-Ip', req.ip).json({ path: req.path, secure: req.secure }));
        inner.get('/dog', (_req, res) => void res.status(404).send('no dog'));
        const app = express();
        app.use('/pets', safelight.guard(inner as unknown as RequestHandler));
        app.use((_req, res) => void res.end('passed on'));
        const server = await listen(app);
        assert.deepEqual(JSON.parse((await ask(server, '/pets/cat')).text), { path: '/cat', secure: false });
        assert.equal(rungOf(await ask(server, '/pets/dog')), 1);
        assert.equal(isHeld(await ask(server, '/pets/dog')), true);
        assert.equal((await ask(server, '/pets/bird')).text, 'passed on');
      });
    });
  }
});
