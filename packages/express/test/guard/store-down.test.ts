import assert from 'node:assert/strict';
import { TransformError } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { chaosStore } from '@safelight/stores/chaos';
import { ask, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene, stoppedClock } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

function sceneWithStore() {
  const clock = stoppedClock();
  const store = chaosStore(memoryStore({ clock }));
  return { ...scene({ clock, store }), clock, control: store.control };
}

const good = { status: 200 };

/** Sends a picture for `/good`, and a 404 for other paths. */
const handler = () => counted((req, res) => void (req.url === '/good' ? res.end('cat') : res.writeHead(404).end()));

describe('guard: a store that fails', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('down from the start: all requests get a response, and failures are held in this process', async () => {
        const { safelight, control, faults } = sceneWithStore();
        control.down();
        const work = handler();
        const server = await serve(framework, safelight.guard(work));
        assert.equal((await ask(server, '/good')).text, 'cat');
        assert.equal(rungOf(await ask(server, '/missing')), 1);
        const held = await ask(server, '/missing');
        assert.deepEqual([held.status, isHeld(held), work.runs], [404, true, 2]);
        // Downstream caches may not store a failure that only one process knows.
        assert.equal(held.headers['cache-control'], 'no-store');
        assert.ok(Number(held.headers['retry-after']) <= 5);
        assert.ok(faults.length > 0);
      });

      it('down for a while: meanwhile held in this process for at most 5 s, later in the store again', async () => {
        const { safelight, control, clock } = sceneWithStore();
        const work = handler();
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/missing');
        control.down();
        assert.equal((await ask(server, '/missing')).status, 404);
        assert.equal(work.runs, 2);
        assert.equal(isHeld(await ask(server, '/missing')), true);
        clock.pass(5000);
        assert.equal((await ask(server, '/missing')).status, 404);
        assert.equal(work.runs, 3);
        assert.equal((await ask(server, '/good')).text, 'cat');
        control.up();
        clock.pass(1000);
        const back = await ask(server, '/missing');
        assert.deepEqual([isHeld(back), rungOf(back), work.runs], [true, 1, 4]);
        assert.match(String(back.headers['cache-control']), /^public/);
      });

      it('down during a run: its response is sent', async () => {
        for (const path of ['/good', '/missing']) {
          const { safelight, control } = sceneWithStore();
          const gate = Promise.withResolvers<void>();
          const running = Promise.withResolvers<void>();
          const work = handler();
          const server = await serve(
            framework,
            safelight.guard(async (req, res, next) => {
              running.resolve();
              await gate.promise;
              return work(req, res, next);
            }),
          );
          const asked = ask(server, path);
          await running.promise;
          control.down();
          gate.resolve();
          assert.equal((await asked).status, path === '/good' ? good.status : 404);
        }
      });

      it('loses all replies, or confirms writes that it loses: all requests get a response', async () => {
        for (const spoil of ['loseReply', 'lie', 'refuse'] as const) {
          const { safelight, control } = sceneWithStore();
          if (spoil === 'loseReply') control.loseReply({ times: Infinity });
          else control.drop({ op: 'set', times: Infinity, reply: spoil === 'lie' ? 'true' : 'false' });
          const server = await serve(framework, safelight.guard(handler()));
          for (let i = 0; i < 3; i += 1) {
            assert.equal((await ask(server, '/good')).text, 'cat');
            assert.equal((await ask(server, '/missing')).status, 404);
          }
        }
      });

      it('changed rejects while the store cannot confirm, and resolves when it can again', async () => {
        const { safelight, control } = sceneWithStore();
        control.down();
        await assert.rejects(safelight.changed('/missing'), (error) => {
          assert.ok(TransformError.is(error));
          assert.deepEqual([error.code, error.status, error.retryAfterMs], ['store_unavailable', 503, 1000]);
          return true;
        });
        control.up();
        await safelight.changed('/missing');
      });
    });
  }

  it('does not reply: one request waits for it, the others get a response without it', async () => {
    const { safelight, control } = sceneWithStore();
    const silence = Promise.withResolvers<void>();
    control.slow({ times: Infinity, wait: () => silence.promise });
    const server = await serve(frameworks[2] as (typeof frameworks)[number], safelight.guard(handler()));
    const first = await ask(server, '/good');
    assert.ok(first.tookMs < 3000);
    for (let i = 0; i < 5; i += 1) assert.ok((await ask(server, '/good')).tookMs < 500);
    silence.resolve();
  });
});
