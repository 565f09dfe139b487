import assert from 'node:assert/strict';
import type { OutcomeEvent } from '@safelight/core';
import type { RequestHandler } from '@safelight/http';
import { ask, askAndStay, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

describe('saving: requests wait meanwhile', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    for (const cache of [false, true]) {
      describe(`in ${framework.name}, ${cache ? 'with cache' : 'without cache'}`, () => {
        const set = async (options = {}) => {
          const world = { isThere: false };
          const { safelight, faults } = scene(options);
          const handler = counted(((_req, res) => {
            res.statusCode = world.isThere ? 200 : 404;
            res.end(world.isThere ? 'picture' : 'nothing');
          }) satisfies RequestHandler);
          const server = await serve(framework, safelight.guard(handler, { asset: () => 'cat', cache }));
          return { world, safelight, handler, server, faults };
        };

        it('then they get the picture; the handler does not run before', async () => {
          const { world, safelight, handler, server } = await set();
          const bytes = Promise.withResolvers<void>();
          const saved = safelight.saving('cat', async () => {
            await bytes.promise;
            world.isThere = true;
            return 'saved';
          });
          const asked = Promise.all(['/1', '/2', '/1'].map((path) => ask(server, path)));
          await ask(server, '/x', { method: 'POST' });
          const runs = handler.runs;
          bytes.resolve();
          assert.equal(await saved, 'saved');
          for (const { status, text } of await asked) assert.deepEqual([status, text], [200, 'picture']);
          assert.equal(runs, 1, 'only the POST');
        });

        it('after maxPendingMs the handler runs, and its failure is not held', async () => {
          const { safelight, handler, server } = await set({ maxPendingMs: 20 });
          const bytes = Promise.withResolvers<void>();
          const saved = safelight.saving('cat', () => bytes.promise);
          const { status, headers } = await ask(server, '/1');
          assert.deepEqual([status, headers['cache-control']], [404, 'no-store']);
          await ask(server, '/1');
          assert.equal(handler.runs, 2);
          bytes.resolve();
          await saved;
        });

        it('a failed save counts as a change too, and its error is thrown', async () => {
          const { world, safelight, server } = await set();
          assert.equal((await ask(server, '/1')).status, 404);
          world.isThere = true;
          const failing = safelight.saving('cat', () => Promise.reject(new Error('disk full')));
          await assert.rejects(failing, /disk full/);
          assert.equal((await ask(server, '/1')).status, 200);
        });

        it('a synchronous save works the same', async () => {
          const { world, safelight, server } = await set();
          assert.equal((await ask(server, '/1')).status, 404);
          assert.equal(await safelight.saving('cat', () => 'saved'), 'saved');
          assert.equal(isHeld(await ask(server, '/1')), false);
          world.isThere = true;
          const throwing = safelight.saving('cat', () => {
            throw new Error('disk full');
          });
          await assert.rejects(throwing, /disk full/);
          assert.equal((await ask(server, '/1')).status, 200);
        });

        it('a client that disconnects stops waiting, and the others still wait', async () => {
          const ends: string[] = [];
          const { world, safelight, handler, server } = await set({
            timeoutMs: 120_000,
            maxPendingMs: 60_000,
            onOutcome: ({ outcome }: OutcomeEvent) => ends.push(outcome.kind),
          });
          const bytes = Promise.withResolvers<void>();
          const saved = safelight.saving('cat', () => bytes.promise);
          const visitor = askAndStay(server, '/1');
          await ask(server, '/x', { method: 'POST' });
          const other = ask(server, '/1');
          await ask(server, '/x', { method: 'POST' });
          const runs = handler.runs;
          visitor.leave();
          while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
          assert.deepEqual(ends, ['left']);
          world.isThere = true;
          bytes.resolve();
          await saved;
          assert.equal((await other).status, 200);
          assert.equal(handler.runs - runs, 1);
        });
      });
    }
  }
});
