import assert from 'node:assert/strict';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from '@safelight/http';
import { memoryDerivatives } from '@safelight/stores';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';
import {
  activeResources,
  bodyOf,
  byNumber,
  collectGarbage,
  commonHandlers,
  createRandom,
  openConnections,
  requestAndPerhapsLeave,
} from '../leaks.ts';

/** Responses that are cached, not shared, revalidated, stale or silent, and failures. */
const handlers: readonly RequestHandler[] = [
  (_req, res) => void res.writeHead(200, { 'Cache-Control': 'max-age=1' }).end('cat'),
  ...commonHandlers(6),
  (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    return pipeline(bodyOf(6), res);
  },
  (req, res) => {
    const status = req.headers['if-none-match'] ? 304 : 200;
    res.writeHead(status, { ETag: '"1"', 'Cache-Control': 'no-cache' }).end('cat');
  },
  (_req, res) => void res.writeHead(200).write('silent'),
  (_req, res) => {
    res.setHeader('Vary', 'X-Kind');
    res.writeHead(200, { 'Cache-Control': 'max-age=1, stale-while-revalidate=10' }).end('cat');
  },
];

describe('guard with cache: leaks', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    it(`1500 requests with random ends leak nothing in ${framework.name}`, async function leakNothing() {
      this.timeout(60_000);
      const derivatives = memoryDerivatives({ maxBytes: 400_000, maxEntryBytes: 65_536 });
      const { safelight, clock } = scene({ timeoutMs: 15, derivatives, onError: () => {} });
      const messages: WeakRef<object>[] = [];
      const remember: RequestHandler = (_req, res, next) => {
        messages.push(new WeakRef(res));
        next();
      };
      const handler = byNumber(handlers);
      const rememberRun: RequestHandler = (req, res, next) => {
        messages.push(new WeakRef(req), new WeakRef(res));
        return handler(req, res, next);
      };
      const guarded = safelight.guard(rememberRun, { cache: true });
      const server = await serve(framework, remember, guarded, (_req, res) => void res.end('passed on'));
      const random = createRandom(7);
      const visit = (number: number) => {
        const method = random() < 0.2 ? 'HEAD' : 'GET';
        const range = random() < 0.2 ? 'Range: bytes=1-2\r\n' : '';
        const fields = `${range}X-Kind: ${Math.floor(random() * 3)}\r\n`;
        // The handler runs in place for a HEAD, so a handler that hangs hangs until the client leaves.
        const leaving = method === 'HEAD' ? { leavesAfterMs: 50 } : {};
        return requestAndPerhapsLeave(server, { method, path: `/${number}`, fields, ...leaving }, random);
      };
      const round = async (count: number) => {
        for (let done = 0; done < count; done += 50) {
          const batch = Array.from({ length: 50 }, () => Math.floor(random() * 96));
          await Promise.all(batch.map(visit));
          clock.pass(300);
        }
        await new Promise((resolve) => setTimeout(resolve, 100)); // the last runs that hang or are silent end
      };
      await round(500);
      const resourcesBefore = activeResources();
      collectGarbage();
      const heapBefore = process.memoryUsage().heapUsed;
      messages.length = 0;
      await round(1500);
      assert.equal(await openConnections(server), 0);
      assert.deepEqual(activeResources(), resourcesBefore);
      await new Promise(setImmediate);
      collectGarbage();
      const alive = messages.filter((ref) => ref.deref() !== undefined).length;
      assert.ok(alive < 20, `${alive} of ${messages.length} requests and responses are still referenced`);
      messages.length = 0;
      collectGarbage();
      const grown = process.memoryUsage().heapUsed - heapBefore;
      assert.ok(grown < 3_000_000, `the heap has grown by ${grown} bytes`);
    });
  }
});
