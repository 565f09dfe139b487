import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RequestHandler } from '@safelight/http';
import { memoryDerivatives } from '@safelight/stores';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, type Listening, serve } from '../../../../test/servers/servers.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The same sequence in every run, so that a failure repeats. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const large = () => Readable.from(Array.from({ length: 6 }, () => Buffer.alloc(16_384)));

/** Is kept, large, one's own, revalidated, stale, fails, breaks off, hangs and passes on, by turns. */
const moody: RequestHandler = async (req, res, next) => {
  switch (Number(/\d+/.exec(req.url ?? '')?.[0]) % 12) {
    case 0:
      return void res.writeHead(200, { 'Cache-Control': 'max-age=1' }).end('cat');
    case 1:
      return void large().pipe(res);
    case 2:
      return void res.writeHead(404).end('mine');
    case 3:
      await new Promise(setImmediate);
      throw new Error('broken');
    case 4:
      return; // hangs
    case 5:
      res.writeHead(200, { 'Content-Length': 100 });
      return void res.write('half', () => res.destroy());
    case 6:
      return next();
    case 7:
      return void setImmediate(() => res.writeHead(429).end());
    case 8:
      res.setHeader('Cache-Control', 'no-store');
      return pipeline(large(), res);
    case 9:
      return void res
        .writeHead(req.headers['if-none-match'] ? 304 : 200, { ETag: '"1"', 'Cache-Control': 'no-cache' })
        .end('cat');
    case 10:
      return void res.writeHead(200).write('silent');
    default:
      res.setHeader('Vary', 'X-Kind');
      return void res.writeHead(200, { 'Cache-Control': 'max-age=1, stale-while-revalidate=10' }).end('cat');
  }
};

/** Asks, and may leave at any moment: before an answer, in the middle of one, or never. */
function askAndPerhapsLeave({ port }: Listening, path: string, random: () => number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const patience = random();
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.on('data', () => {
      if (patience < 0.3) socket.resetAndDestroy();
    });
    const method = random() < 0.2 ? 'HEAD' : 'GET';
    const more = random() < 0.2 ? 'Range: bytes=1-2\r\n' : '';
    const kind = `X-Kind: ${Math.floor(random() * 3)}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}${kind}\r\n`, () => {
      if (patience > 0.8) setImmediate(() => socket.destroy());
    });
  });
}

const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Immediate')
    .toSorted();

describe('guard with keep: leaks', () => {
  afterEach(closeServers);

  for (const framework of frameworks) {
    it(`thousands of requests with random ends leave nothing behind in ${framework.name}`, async function leavesNothing() {
      this.timeout(60_000);
      const derivatives = memoryDerivatives({ maxBytes: 400_000, maxEntryBytes: 65_536 });
      const { safelight, clock } = scene({ timeoutMs: 15, derivatives, onError: () => {} });
      const responses: WeakRef<object>[] = [];
      const remember: RequestHandler = (_req, res, next) => {
        responses.push(new WeakRef(res));
        next();
      };
      const rememberRun: RequestHandler = (req, res, next) => {
        responses.push(new WeakRef(req), new WeakRef(res));
        return moody(req, res, next);
      };
      const guarded = safelight.guard(rememberRun, { cache: true });
      const server = await serve(framework, remember, guarded, (_req, res) => void res.end('passed on'));
      const random = createRandom(7);
      const round = async (count: number) => {
        for (let done = 0; done < count; done += 50) {
          const batch = Array.from({ length: 50 }, () => Math.floor(random() * 96));
          await Promise.all(batch.map((n) => askAndPerhapsLeave(server, `/${n}`, random)));
          clock.pass(300);
        }
        await new Promise((resolve) => setTimeout(resolve, 100)); // the last that hang or are silent end
      };
      await round(500);
      const resourcesBefore = resources();
      collectGarbage();
      const heapBefore = process.memoryUsage().heapUsed;
      responses.length = 0;
      await round(1500);
      assert.equal(await new Promise((resolve) => server.server.getConnections((_error, n) => resolve(n))), 0);
      assert.deepEqual(resources(), resourcesBefore);
      await new Promise(setImmediate);
      collectGarbage();
      const alive = responses.filter((ref) => ref.deref() !== undefined).length;
      assert.ok(alive < 20, `${alive} of ${responses.length} requests and responses are still held by something`);
      responses.length = 0;
      collectGarbage();
      const grown = process.memoryUsage().heapUsed - heapBefore;
      assert.ok(grown < 3_000_000, `the heap has grown by ${grown} bytes`);
    });
  }
});
