import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';
import {
  activeResources,
  byNumber,
  collectGarbage,
  commonHandlers,
  createRandom,
  openConnections,
  requestAndPerhapsLeave,
} from '../leaks.ts';

const handler = byNumber([(_req, res) => void res.end('cat'), ...commonHandlers(20)]);

describe('guard: leaks', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    it(`700 requests with random ends leak nothing in ${framework.name}`, async function leakNothing() {
      this.timeout(20_000);
      const { safelight } = scene({ timeoutMs: 15 });
      const responses: WeakRef<object>[] = [];
      const remember: RequestHandler = (_req, res, next) => {
        responses.push(new WeakRef(res));
        next();
      };
      const passedOn: RequestHandler = (_req, res) => void res.end('passed on');
      const server = await serve(framework, remember, safelight.guard(handler), passedOn);
      const listeners = () => server.server.eventNames().map((name) => server.server.listenerCount(name));
      const random = createRandom(7);
      const round = async (count: number) => {
        for (let done = 0; done < count; done += 50) {
          const batch = Array.from({ length: 50 }, () => Math.floor(random() * 64));
          await Promise.all(batch.map((number) => requestAndPerhapsLeave(server, { path: `/${number}` }, random)));
        }
      };
      await round(200);
      const listenersBefore = listeners();
      const resourcesBefore = activeResources();
      collectGarbage();
      const heapBefore = process.memoryUsage().heapUsed;
      await round(700);
      await new Promise((resolve) => setTimeout(resolve, 20)); // the last runs that hang end
      assert.equal(await openConnections(server), 0);
      assert.deepEqual(listeners(), listenersBefore);
      assert.deepEqual(activeResources(), resourcesBefore);
      await new Promise(setImmediate);
      collectGarbage();
      const alive = responses.filter((ref) => ref.deref() !== undefined).length;
      assert.ok(alive < 20, `${alive} of ${responses.length} responses are still referenced`);
      responses.length = 0;
      const grown = process.memoryUsage().heapUsed - heapBefore;
      assert.ok(grown < 3_000_000, `the heap has grown by ${grown} bytes`);
    });
  }
});
