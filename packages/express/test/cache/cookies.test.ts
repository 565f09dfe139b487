import assert from 'node:assert/strict';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const cookie = (value: string) => ({ headers: { Cookie: value } });

describe('guard with cache: a handler that sees cookies', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const cache of [true, { silentFreshMs: 60_000 }]) {
        it(`a response without a lifetime to a request with cookies is not cached (${JSON.stringify(cache)})`, async () => {
          const work = counted((req, res) => void res.setHeader('ETag', '"a"').end(req.headers.cookie ?? 'none'));
          const server = await serve(framework, scene().safelight.guard(work, { cache, vary: ['cookie'] }));
          for (let i = 1; i < 4; i += 1) {
            const reply = await ask(server, '/a', cookie('id=1'));
            assert.deepEqual([reply.text, isHeld(reply), work.runs], ['id=1', false, i]);
          }
          // Without cookies nothing points to a user.
          for (const held of [false, true]) {
            const reply = await ask(server, '/a');
            assert.deepEqual([reply.text, isHeld(reply), work.runs], ['none', held, 4]);
          }
        });
      }

      for (const lifetime of ['max-age=60', 's-maxage=60', 'public, max-age=60']) {
        it(`${lifetime}: each value has its own cached response`, async () => {
          const work = counted((req, res) => {
            res.setHeader('Cache-Control', lifetime);
            res.end(req.headers.cookie);
          });
          const server = await serve(framework, scene().safelight.guard(work, { cache: true, vary: ['Cookie'] }));
          for (const held of [false, true]) {
            for (const value of ['id=1', 'id=2']) {
              const reply = await ask(server, '/a', cookie(value));
              assert.deepEqual([reply.text, isHeld(reply)], [value, held]);
            }
          }
        });
      }

      it('the handler does not see the cookies: a response without a lifetime is cached', async () => {
        const work = counted((_req, res) => void res.end('cat'));
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (const held of [false, true]) assert.equal(isHeld(await ask(server, '/a', cookie('id=1'))), held);
      });
    });
  }
});
