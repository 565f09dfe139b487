import assert from 'node:assert/strict';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

describe('guard: a handler on the client’s own response', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('a HEAD gets a held failure, but its own failure is not held', async () => {
        const work = counted((_req, res) => void res.writeHead(404).end('mine'));
        const server = await serve(framework, scene().safelight.guard(work));
        for (let i = 0; i < 2; i += 1) assert.equal(isHeld(await ask(server, '/cat', { method: 'HEAD' })), false);
        await ask(server, '/cat');
        assert.equal(isHeld(await ask(server, '/cat', { method: 'HEAD' })), true);
        assert.equal(work.runs, 3);
      });

      it('a rejection on HEAD reaches the application, also in Express 4', async () => {
        const guarded = scene().safelight.guard(async () => {
          throw Object.assign(new Error('no HEAD'), { status: 405 });
        });
        const server = await serve(framework, guarded);
        assert.equal((await ask(server, '/cat', { method: 'HEAD' })).status, 405);
      });

      it('a fault of the guard does not fail the request: the handler responds', async () => {
        let isBroken = false;
        const clock = () => {
          if (isBroken) throw new Error('broken clock');
          return 0;
        };
        const work = counted((_req, res) => void res.end('cat'));
        const server = await serve(framework, scene({ clock }).safelight.guard(work));
        isBroken = true;
        assert.deepEqual([(await ask(server, '/cat')).text, work.runs], ['cat', 1]);
      });

      it('a failure during a change is sent with no-store and not held', async () => {
        const { safelight } = scene();
        const gate = Promise.withResolvers<void>();
        const { options, all } = arrivals(() => 'cat');
        const work = counted(async (_req, res) => {
          await gate.promise;
          res.writeHead(404).end('mine');
        });
        const server = await serve(framework, safelight.guard(work, options));
        const during = ask(server, '/cat');
        await all(1);
        await safelight.changed('cat');
        gate.resolve();
        const { status, headers } = await during;
        assert.deepEqual([status, headers['cache-control']], [404, 'no-store']);
        assert.equal(isHeld(await ask(server, '/cat')), false);
      });
    });
  }
});
