import assert from 'node:assert/strict';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const accepting = (type: string) => ({ headers: { Accept: type } });

describe('guard with cache: variants', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('are cached side by side, and each request gets the matching one', async () => {
        const work = counted((req, res) => {
          res.setHeader('Vary', 'Accept, Accept-Encoding');
          res.end(`${req.headers.accept} ${req.headers['accept-encoding']}`);
        });
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (const held of [false, true]) {
          for (const accept of ['image/avif', 'image/webp', 'image/png']) {
            for (const encoding of ['gzip', 'br']) {
              const reply = await ask(server, '/a', { headers: { Accept: accept, 'Accept-Encoding': encoding } });
              assert.deepEqual([reply.text, isHeld(reply)], [`${accept} ${encoding}`, held]);
              assert.match(String(reply.headers.vary), /Accept, Accept-Encoding/);
            }
          }
        }
        assert.equal(work.runs, 6);
        // Another spelling of the same value.
        const spelled = { Accept: ' IMAGE/avif ', 'Accept-Encoding': 'gzip;q=1.0' };
        assert.equal(isHeld(await ask(server, '/a', { headers: spelled })), true);
      });

      it('a response that is not shared does not prevent caching of other variants', async () => {
        const work = counted((req, res) => {
          res.setHeader('Vary', 'Accept');
          if (req.headers.accept === 'text/html') res.setHeader('Cache-Control', 'no-store');
          res.end(String(req.headers.accept));
        });
        const { safelight, clock } = scene();
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        await ask(server, '/a', accepting('image/webp'));
        for (let i = 0; i < 3; i += 1) {
          assert.equal((await ask(server, '/a', accepting('text/html'))).text, 'text/html');
          const cached = await ask(server, '/a', accepting('image/webp'));
          assert.deepEqual([cached.text, isHeld(cached)], ['image/webp', true]);
        }
        assert.equal(work.runs, 4);
        clock.pass(86_400_000); // the response is stale, so the next request for this variant runs the handler
        assert.equal((await ask(server, '/a', accepting('text/html'))).text, 'text/html');
        assert.equal((await ask(server, '/a', accepting('image/webp'))).text, 'image/webp');
      });

      it('a request with no-store or a very long field does not prevent caching for others', async () => {
        const work = counted((_req, res) => void res.writeHead(200, { Vary: 'Accept' }).end('cat'));
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        await ask(server, '/a', { headers: { Accept: 'image/webp', 'Cache-Control': 'no-store' } });
        await ask(server, '/a', accepting('x'.repeat(5000)));
        assert.equal(isHeld(await ask(server, '/a', accepting('image/webp'))), false);
        assert.equal(isHeld(await ask(server, '/a', accepting('image/webp'))), true);
      });

      it('concurrent requests cause one run for each variant', async () => {
        const gate = Promise.withResolvers<void>();
        const work = counted(async (req, res) => {
          await gate.promise;
          res.setHeader('Vary', 'Accept');
          res.end(String(req.headers.accept));
        });
        const { options, all } = arrivals();
        const server = await serve(framework, scene().safelight.guard(work, { ...options, cache: true }));
        const kinds = ['image/avif', 'image/webp', 'image/png'];
        const asked = Array.from({ length: 30 }, (_, i) => ask(server, '/a', accepting(kinds[i % 3] as string)));
        await all(30);
        gate.resolve();
        const replies = await Promise.all(asked);
        for (const [i, reply] of replies.entries()) assert.equal(reply.text, kinds[i % 3]);
        assert.equal(work.runs, 3);
      });
    });
  }
});
