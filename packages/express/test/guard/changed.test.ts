import assert from 'node:assert/strict';
import { missingOriginal } from '@safelight/core';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const assetOf = (req: { readonly url?: string | undefined }) => /^\/[^/]+\/([^/?]+)/.exec(req.url ?? '')?.[1];

describe('changed', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('drops the held failures of all derivations of an asset, and of no other asset', async () => {
        const { safelight } = scene();
        const here = new Set<string>();
        const work = counted((req, res) => {
          if (!here.has(String(assetOf(req)))) return void res.writeHead(404).end();
          return void res.end(req.url);
        });
        const server = await serve(framework, safelight.guard(work, { asset: assetOf }));
        const cats = Array.from({ length: 50 }, (_, i) => `/w_${i}/cat`);
        for (const path of [...cats, '/w_1/dog']) assert.equal(rungOf(await ask(server, path)), 1);
        for (const path of cats) assert.equal(isHeld(await ask(server, path)), true);
        assert.equal(work.runs, 51);
        here.add('cat');
        await safelight.changed('cat');
        for (const path of cats) {
          const reply = await ask(server, path);
          assert.deepEqual([reply.status, reply.text], [200, path]);
        }
        assert.equal(isHeld(await ask(server, '/w_1/dog')), true);
      });

      it('a missing original counts for all its derivations: one run for 50', async () => {
        const { safelight } = scene();
        const work = counted(() => {
          throw missingOriginal('cat');
        });
        const server = await serve(framework, safelight.guard(work, { asset: assetOf }));
        for (let i = 0; i < 50; i += 1) {
          const reply = await ask(server, `/w_${i}/cat`);
          assert.deepEqual([reply.status, reply.headers['x-cld-error']], [404, 'Resource not found - cat']);
        }
        assert.equal(work.runs, 1);
        await ask(server, '/w_1/dog');
        assert.equal(work.runs, 2);
        await safelight.changed('cat');
        await ask(server, '/w_1/cat');
        assert.equal(work.runs, 3);
      });

      it('ends the ladder: the next failure has the first window', async () => {
        const { safelight, clock } = scene();
        const server = await serve(
          framework,
          safelight.guard((_req, res) => void res.writeHead(404).end(), { asset: assetOf }),
        );
        await ask(server, '/w_1/cat');
        clock.pass(60_000);
        assert.equal(rungOf(await ask(server, '/w_1/cat')), 2);
        await safelight.changed('cat');
        assert.equal(rungOf(await ask(server, '/w_1/cat')), 1);
      });

      it('without the option asset, each path is an asset, with any query', async () => {
        const { safelight } = scene();
        const work = counted((_req, res) => void res.writeHead(404).end());
        const server = await serve(framework, safelight.guard(work));
        for (const path of ['/cat?w=1', '/cat?w=2', '/w_1/cat']) await ask(server, path);
        await safelight.changed('/cat');
        for (const path of ['/cat?w=1', '/cat?w=2', '/w_1/cat']) await ask(server, path);
        assert.equal(work.runs, 5);
      });

      for (const end of ['fails', 'throws', 'hangs'] as const) {
        it(`during a run that ${end}: its failure is not recorded, and no request runs the handler twice`, async () => {
          const { safelight } = scene({ timeoutMs: end === 'hangs' ? 300 : 5000 });
          const gate = Promise.withResolvers<void>();
          const work = counted(async (_req, res) => {
            if (work.runs > 1) return void res.writeHead(200, { 'X-Run': work.runs }).end('cat');
            res.setHeader('ETag', '"theirs"');
            if (end === 'hangs') return;
            await gate.promise;
            if (end === 'throws') throw new Error('broken');
            res.writeHead(404).write('half of a page that is not there');
            setImmediate(() => res.end('the other half'));
          });
          const { options, all } = arrivals(() => 'cat');
          const server = await serve(framework, safelight.guard(work, options));
          const leader = ask(server, '/a');
          await all(1);
          const follower = ask(server, '/a');
          await all(2);
          await safelight.changed('cat');
          gate.resolve();
          const failed = await leader;
          assert.deepEqual(
            [failed.status, failed.headers['cache-control'], failed.headers.etag, rungOf(failed)],
            [{ fails: 404, throws: 500, hangs: 504 }[end], 'no-store', undefined, undefined],
          );
          assert.equal((await follower).text, 'cat');
          assert.equal((await ask(server, '/a')).text, 'cat');
          assert.equal(work.runs, 3);
        });
      }

      it('explains a failing URL of a guarded handler, before and after', async () => {
        const { safelight } = scene();
        const server = await serve(
          framework,
          safelight.control(),
          safelight.guard((_req, res) => void res.writeHead(404).end(), { asset: assetOf }),
        );
        await ask(server, '/w_1/cat');
        const asked = `/_safelight/why?url=${encodeURIComponent(`${server.origin}/w_1/cat`)}`;
        const held = JSON.parse((await ask(server, asked)).text) as Record<string, unknown>;
        assert.deepEqual([held['cached'], held['attempt'], held['remainingMs']], [true, 1, 60_000]);
        assert.equal((await safelight.why('/w_1/cat')).cached, true);
        await safelight.changed('cat');
        assert.equal((await safelight.why('/w_1/cat')).cached, false);
      });
    });
  }
});
