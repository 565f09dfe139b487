import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import express from 'express';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, listen } from '../../../../test/servers/servers.ts';

/** An application with a middleware that records all requests. */
function application(framework: typeof express) {
  const app = framework();
  const seen: string[] = [];
  app.use((req, res, next) => {
    seen.push(req.url);
    res.setHeader('X-App', 'saw it');
    next();
  });
  return { app, seen };
}

const picture: RequestHandler = (_req, res) => {
  res.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=60' }).end('picture');
};
const missing: RequestHandler = (_req, res) => {
  res.writeHead(404).end('nothing');
};

describe('listener: held and cached responses are sent before the application sees the request', () => {
  afterEach(closeServers);

  for (const [name, framework] of [
    ['Express 5', express],
    ['Express 4', express4],
  ] as const) {
    describe(name, () => {
      it('held failures of guards with early', async () => {
        const { app, seen } = application(framework);
        const { safelight, clock } = scene();
        const handler = counted(missing);
        app.use('/early', safelight.guard(handler, { early: '/early' }));
        app.use('/late', safelight.guard(handler));
        const server = await listen(safelight.listener(app));
        for (const path of ['/early/cat', '/late/cat']) {
          const first = await ask(server, path);
          const second = await ask(server, path);
          assert.deepEqual([first.status, isHeld(first), first.headers['x-app']], [404, false, 'saw it'], path);
          assert.deepEqual([second.status, isHeld(second)], [404, true], path);
          assert.equal(second.headers['x-app'], path === '/early/cat' ? undefined : 'saw it');
        }
        assert.deepEqual(seen, ['/early/cat', '/late/cat', '/late/cat']);
        clock.pass(60_000);
        await ask(server, '/early/cat');
        assert.equal(handler.runs, 3);
        assert.equal(seen.length, 4);
      });

      it('cached responses, for GET, Range, If-None-Match and HEAD', async () => {
        const { app, seen } = application(framework);
        const { safelight } = scene();
        const handler = counted(picture);
        app.use('/pictures', safelight.guard(handler, { cache: true, early: '/pictures' }));
        const server = await listen(safelight.listener(app));
        await ask(server, '/pictures/cat?w=1');
        const whole = await ask(server, '/pictures/cat?w=1');
        assert.deepEqual([whole.status, whole.text, isHeld(whole)], [200, 'picture', true]);
        const part = await ask(server, '/pictures/cat?w=1', { headers: { range: 'bytes=2-3' } });
        assert.deepEqual([part.status, part.text], [206, 'ct']);
        const headers = { 'if-none-match': String(whole.headers.etag) };
        assert.equal((await ask(server, '/pictures/cat?w=1', { headers })).status, 304);
        const head = await ask(server, '/pictures/cat?w=1', { method: 'HEAD' });
        assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '7', '']);
        assert.deepEqual([handler.runs, seen.length], [1, 1]);
        assert.equal((await ask(server, '/pictures/cat?w=2')).status, 200);
        assert.equal(handler.runs, 2);
      });

      it('no response to a private request or another method', async () => {
        const { app, seen } = application(framework);
        const { safelight } = scene();
        const isPrivate = ({ headers }: { headers: Record<string, unknown> }) => headers['x-own'] !== undefined;
        app.use(safelight.guard(missing, { early: true, isPrivate: isPrivate as never }));
        const server = await listen(safelight.listener(app));
        await ask(server, '/cat');
        for (const options of [
          { headers: { authorization: 'me' } },
          { headers: { 'x-own': '1' } },
          { method: 'POST' },
        ]) {
          const before = seen.length;
          assert.equal((await ask(server, '/cat', options)).text, 'nothing');
          assert.equal(seen.length, before + 1);
        }
        assert.equal(isHeld(await ask(server, '/cat')), true);
        assert.equal(seen.length, 4);
      });

      it('changed drops early responses', async () => {
        const { app, seen } = application(framework);
        const { safelight } = scene();
        let respond = missing;
        app.use(safelight.guard((...call) => respond(...call), { early: true, cache: true }));
        const server = await listen(safelight.listener(app));
        await ask(server, '/cat');
        await ask(server, '/cat');
        assert.equal(seen.length, 1);
        respond = picture;
        await safelight.changed('/cat');
        assert.equal((await ask(server, '/cat')).text, 'picture');
        assert.equal((await ask(server, '/cat')).text, 'picture');
        assert.equal(seen.length, 2);
        respond = (_req, res) => void res.writeHead(200, { 'Cache-Control': 'no-store' }).end('new');
        await safelight.changed('/cat');
        assert.equal((await ask(server, '/cat')).text, 'new');
      });
    });
  }

  it('a path with parameters is refused at creation, with a message', () => {
    const { safelight } = scene();
    for (const early of ['/thumbs/:id', 'thumbs', '/thumbs/', '/a?b']) {
      assert.throws(() => safelight.guard(missing, { early }), /early is .*such as '\/thumbs'/);
    }
  });

  it('the application responds to other requests, also with an asynchronous store', async () => {
    const { app, seen } = application(express);
    const far = new Map<string, unknown>();
    const store = {
      getMany: async (keys: readonly string[]) => keys.map((key) => far.get(key) as object | undefined),
      set: async (key: string, value: unknown) => {
        far.set(key, JSON.parse(JSON.stringify(value)));
        return true;
      },
      delete: async (key: string) => {
        far.delete(key);
        return true;
      },
    };
    const { safelight } = scene({ store });
    app.get('/:file', safelight.guard(picture, { cache: true, early: true }));
    const server = await listen(safelight.listener(app));
    for (let i = 0; i < 3; i += 1) assert.equal((await ask(server, '/cat')).text, 'picture');
    assert.equal(seen.length, 1);
  });
});
