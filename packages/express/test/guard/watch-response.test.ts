import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { ask, askAndStay, isHeld } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';

const nodeHttp = frameworks[2] as Framework;
const retryLater: readonly ((res: ServerResponse) => void)[] = [
  (res) => void res.setHeader('Retry-After', 10).writeHead(503).end('mine'),
  (res) => void res.writeHead(503, { 'RETRY-AFTER': 10 }).end('mine'),
  (res) => void res.writeHead(503, 'Busy', ['X-A', '1', 'Retry-After', '10']).end('mine'),
  (res) => void res.writeHead(503, [['Retry-After', '10']] as never).end('mine'),
];

describe('guard: the calls that a handler makes on its response', () => {
  afterEach(closeServers);

  it('a failure is withheld in each form of writeHead, and its Retry-After is read', async () => {
    for (const respond of retryLater) {
      const server = await serve(
        nodeHttp,
        scene().safelight.guard((_req, res) => respond(res)),
      );
      const { status, headers, text } = await ask(server, '/cat');
      assert.deepEqual([status, headers['retry-after']], [503, '10']);
      assert.doesNotMatch(text, /mine/);
    }
  });

  const firstCalls: Readonly<Record<string, (res: ServerResponse) => void>> = {
    writeHead: (res) => void res.writeHead(res.statusCode),
    write: (res) => void res.write('mine'),
    end: () => {},
    flushHeaders: (res) => res.flushHeaders(),
  };
  for (const [name, call] of Object.entries(firstCalls)) {
    it(`${name} first: a failure is withheld, a success is not`, async () => {
      const handler: RequestHandler = (req, res) => {
        res.statusCode = Number(req.url?.slice(1));
        call(res);
        res.end('mine');
      };
      const server = await serve(nodeHttp, scene().safelight.guard(handler));
      assert.match((await ask(server, '/201')).text, /mine$/);
      assert.doesNotMatch((await ask(server, '/404')).text, /mine/);
    });
  }

  it('callbacks of withheld writes are called', async () => {
    const ended = Promise.withResolvers<void>();
    const failing = scene().safelight.guard(async (_req, res) => {
      res.statusCode = 404;
      await new Promise<void>((resolve) => res.write('mine', () => resolve()));
      res.end(ended.resolve);
    });
    await ask(await serve(nodeHttp, failing), '/cat');
    await ended.promise;
  });

  it('a body that the handler breaks off is a failure', async () => {
    const work = counted((_req, res) => {
      res.writeHead(200, { 'Content-Length': 100 });
      res.write('half', () => res.destroy());
    });
    const server = await serve(nodeHttp, scene().safelight.guard(work));
    assert.equal((await ask(server, '/cat')).complete, false);
    assert.equal(isHeld(await ask(server, '/cat')), true);
  });

  it('a body whose client disconnects is not a failure', async () => {
    const sent = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const work = counted((_req, res) => {
      if (work.runs > 1) return void res.end('cat');
      res.once('close', () => setImmediate(closed.resolve));
      return res.writeHead(200, { 'Content-Length': 100 }).write('half', () => sent.resolve());
    });
    const server = await serve(nodeHttp, scene().safelight.guard(work));
    const client = askAndStay(server, '/cat');
    await sent.promise;
    client.leave();
    await closed.promise;
    assert.equal((await ask(server, '/cat')).text, 'cat');
  });

  it('nested guards watch the same response: both hold a failure, and a success passes both', async () => {
    const { guard } = scene().safelight;
    const work = counted((req, res) => void res.writeHead(req.url === '/good' ? 200 : 404).end('mine'));
    const inner = guard(work, { asset: () => 'cat', derivation: (req) => (req.url === '/good' ? 'good' : 'inner') });
    const outer = guard(inner, { asset: () => 'cat', derivation: (req) => `outer ${req.url}` });
    const server = await serve(nodeHttp, (req, res, next) => (req.url === '/inner' ? inner : outer)(req, res, next));
    assert.equal((await ask(server, '/good')).text, 'mine');
    await ask(server, '/outer');
    assert.equal(isHeld(await ask(server, '/outer')), true);
    assert.equal(isHeld(await ask(server, '/inner')), true);
    assert.equal(work.runs, 2);
  });
});
