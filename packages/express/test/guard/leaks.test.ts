import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RequestHandler } from '@safelight/http';
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

/** Succeeds, fails, breaks off, hangs and passes on, by turns. */
const moody: RequestHandler = async (req, res, next) => {
  switch (Number(/\d+/.exec(req.url ?? '')?.[0]) % 8) {
    case 0:
      return void res.end('cat');
    case 1:
      return void Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(16_384))).pipe(res);
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
    default:
      return void setImmediate(() => res.writeHead(429).end());
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
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, () => {
      if (patience > 0.8) setImmediate(() => socket.destroy());
    });
  });
}

describe('guard: leaks', () => {
  afterEach(closeServers);

  for (const framework of frameworks) {
    it(`700 requests with random ends leave nothing behind in ${framework.name}`, async function leavesNothing() {
      this.timeout(20_000);
      const { safelight } = scene({ timeoutMs: 15 });
      const responses: WeakRef<object>[] = [];
      const remember: RequestHandler = (_req, res, next) => {
        responses.push(new WeakRef(res));
        next();
      };
      const server = await serve(framework, remember, safelight.guard(moody), (_req, res) => void res.end('passed on'));
      const random = createRandom(7);
      const round = async (count: number) => {
        for (let done = 0; done < count; done += 50) {
          const batch = Array.from({ length: 50 }, () => Math.floor(random() * 64));
          await Promise.all(batch.map((n) => askAndPerhapsLeave(server, `/${n}`, random)));
        }
      };
      await round(200);
      const listenersBefore = server.server.eventNames().map((name) => server.server.listenerCount(name));
      const resourcesBefore = process
        .getActiveResourcesInfo()
        .filter((name) => name !== 'Immediate')
        .toSorted();
      collectGarbage();
      const heapBefore = process.memoryUsage().heapUsed;
      await round(700);
      await new Promise((resolve) => setTimeout(resolve, 20)); // the last hanging runs end
      assert.equal(await new Promise((resolve) => server.server.getConnections((_error, count) => resolve(count))), 0);
      assert.deepEqual(
        server.server.eventNames().map((name) => server.server.listenerCount(name)),
        listenersBefore,
      );
      assert.deepEqual(
        process
          .getActiveResourcesInfo()
          .filter((name) => name !== 'Immediate')
          .toSorted(),
        resourcesBefore,
      );
      await new Promise(setImmediate);
      collectGarbage();
      const alive = responses.filter((ref) => ref.deref() !== undefined).length;
      assert.ok(alive < 20, `${alive} of ${responses.length} responses are still held by something`);
      responses.length = 0;
      const grown = process.memoryUsage().heapUsed - heapBefore;
      assert.ok(grown < 3_000_000, `the heap has grown by ${grown} bytes`);
    });
  }
});
