import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestHandler } from '@safelight/http';
import { ask, askAndStay, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const failures: Readonly<Record<string, readonly [status: number, handler: RequestHandler]>> = {
  'sends 503': [503, (_req, res) => void res.writeHead(503).end()],
  throws: [
    500,
    () => {
      throw new Error('broken');
    },
  ],
  'rejects with a status': [410, () => Promise.reject(Object.assign(new Error('gone'), { status: 410 }))],
  'passes an error on': [500, (_req, _res, next) => next(new Error('broken'))],
};

describe('the end of a run', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const [how, [status, handler]] of Object.entries(failures)) {
        it(`a handler that ${how}: ${status}, held`, async () => {
          const work = counted(handler);
          const server = await serve(framework, scene().safelight.guard(work));
          assert.equal((await ask(server, '/cat')).status, status);
          const again = await ask(server, '/cat');
          assert.deepEqual([again.status, isHeld(again), work.runs], [status, true, 1]);
        });
      }

      it('an error that is never held goes to the application', async () => {
        const work = counted((_req, _res, next) => next(Object.assign(new Error('slow down'), { status: 429 })));
        const server = await serve(framework, scene().safelight.guard(work));
        for (let i = 1; i < 3; i += 1) {
          assert.deepEqual([(await ask(server, '/cat')).text, work.runs], ['app: slow down', i]);
        }
      });

      it('a handler that passes the request on: the next handler responds, and nothing is held', async () => {
        const guarded = scene().safelight.guard((_req, _res, next) => next());
        const server = await serve(framework, guarded, (_req, res) => void res.writeHead(404).end('next'));
        for (let i = 0; i < 2; i += 1) assert.equal((await ask(server, '/cat')).text, 'next');
      });

      it('a handler that destroys its response: the client gets no response, the failure is held', async () => {
        const work = counted((_req, res) => void res.destroy());
        const server = await serve(framework, scene().safelight.guard(work));
        await assert.rejects(ask(server, '/cat'));
        const again = await ask(server, '/cat');
        assert.deepEqual([again.status, rungOf(again), work.runs], [500, 1, 1]);
      });

      it('what comes after the client has disconnected is not held: it may be the reason', async () => {
        for (const status of [404, 500]) {
          const started = Promise.withResolvers<void>();
          const responded = Promise.withResolvers<void>();
          const work = counted(async (_req, res) => {
            if (work.runs > 1) return void res.end('cat');
            started.resolve();
            await once(res, 'close');
            res.writeHead(status).end();
            responded.resolve();
          });
          const server = await serve(framework, scene().safelight.guard(work));
          const client = askAndStay(server, '/cat');
          await started.promise;
          client.leave();
          await responded.promise;
          const next = await ask(server, '/cat');
          assert.deepEqual([next.text, isHeld(next), work.runs], ['cat', false, 2]);
        }
      });
    });
  }
});
