import assert from 'node:assert/strict';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

describe('guard with cache: targeted fields', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    it(`CDN-Cache-Control counts only if targets names it, and is always sent on (${framework.name})`, async () => {
      for (const [targets, runs] of [
        [[], 3],
        [['CDN-Cache-Control'], 1],
      ] as const) {
        const work = counted((_req, res) => {
          res.setHeader('Cache-Control', 'no-store');
          res.setHeader('CDN-Cache-Control', 'max-age=60');
          res.end('cat');
        });
        const server = await serve(framework, scene().safelight.guard(work, { cache: { targets } }));
        for (let i = 0; i < 3; i += 1) {
          const reply = await ask(server, '/a');
          assert.deepEqual([reply.text, isHeld(reply)], ['cat', runs === 1 && i > 0]);
          assert.equal(reply.headers['cache-control'], 'no-store');
          assert.equal(reply.headers['cdn-cache-control'], 'max-age=60');
        }
        assert.equal(work.runs, runs);
      }
    });
  }
});
