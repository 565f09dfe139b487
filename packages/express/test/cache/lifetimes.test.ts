import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import Keyv from 'keyv';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, isHeld, type Reply } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';
import type { SafelightOptions } from '../../src/safelight-options.ts';

const statusOf = ({ headers }: Reply) => String(headers['cache-status']).replace('safelight; ', '');

/** Waits for a condition, such as the end of work after a response. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise(setImmediate);
}

/** A handler that responds with a `Cache-Control`, and with a longer body in each run. */
const withFreshness = (cacheControl: string, more: Readonly<Record<string, string>> = {}) => {
  const work = counted((_req, res) => {
    res.writeHead(200, { 'Cache-Control': cacheControl, ...more }).end(`run ${'#'.repeat(work.runs)}`);
  });
  return work;
};

/** With a shared store, a refresh begins after the response was written. */
const stores: readonly (readonly [string, () => SafelightOptions])[] = [
  ['a store in memory', () => ({})],
  ['a shared store', () => ({ store: new Keyv() })],
];

describe('guard with cache: how long a response is used', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('a fresh response comes from the cache, with its age and remaining freshness; then the handler runs again', async () => {
        const { safelight, clock } = scene();
        const work = withFreshness('max-age=60');
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        const first = await ask(server, '/a');
        assert.deepEqual([first.headers.age, statusOf(first)], ['0', 'fwd=uri-miss; fwd-status=200; stored']);
        for (const [passed, age, ttl] of [
          [0, '0', 60],
          [10_500, '10', 49],
          [49_499, '59', 0],
        ] as const) {
          clock.pass(passed);
          const reply = await ask(server, '/a');
          assert.deepEqual([reply.text, reply.headers.age, statusOf(reply)], ['run #', age, `hit; ttl=${ttl}`]);
          assert.equal(reply.headers['cache-control'], 'max-age=60');
          assert.equal(reply.headers.date, first.headers.date);
        }
        clock.pass(1);
        const again = await ask(server, '/a');
        assert.deepEqual([again.text, again.headers.age], ['run ##', '0']);
        assert.equal((await ask(server, '/a')).text, 'run ##');
        assert.equal(work.runs, 2);
      });

      it('the Age of the handler counts', async () => {
        const { safelight, clock } = scene();
        const work = withFreshness('max-age=60', { Age: '20' });
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        assert.equal((await ask(server, '/a')).headers.age, '20');
        clock.pass(39_000);
        assert.deepEqual([(await ask(server, '/a')).headers.age, work.runs], ['59', 1]);
        clock.pass(1000);
        assert.equal((await ask(server, '/a')).text, 'run ##');
      });

      for (const [where, options] of stores) {
        it(`stale-while-revalidate: no request waits, and one run in the background begins with the initial headers (${where})`, async () => {
          const { safelight, clock } = scene(options());
          const gate = Promise.withResolvers<void>();
          const seen: unknown[] = [];
          const work = counted(async (req, res) => {
            seen.push(res.statusCode, { ...res.getHeaders(), 'x-powered-by': undefined }, req.headers.range);
            if (work.runs === 2) await gate.promise;
            res.setHeader('Cache-Control', 'max-age=60, stale-while-revalidate=60');
            res.setHeader('X-Run', String(work.runs));
            res.end(`run ${'#'.repeat(work.runs)}`);
          });
          const server = await serve(framework, safelight.guard(work, { cache: true }));
          const { headers } = await ask(server, '/a');
          clock.pass(60_000);
          const requests = [
            {},
            { 'If-None-Match': String((await ask(server, '/a')).headers.etag) },
            { Range: 'bytes=0-0' },
            ...Array.from({ length: 10 }, () => ({})),
          ];
          for (const requestHeaders of requests) {
            const reply = await ask(server, '/a', { headers: requestHeaders });
            assert.deepEqual([statusOf(reply), reply.headers['x-run']], ['hit; ttl=0', headers['x-run']]);
          }
          assert.equal(work.runs, 2);
          gate.resolve();
          await until(async () => (await ask(server, '/a')).headers['x-run'] === '2');
          const renewed = await ask(server, '/a');
          assert.deepEqual([renewed.status, renewed.text, statusOf(renewed)], [200, 'run ##', 'hit; ttl=60']);
          assert.deepEqual(seen.slice(3), seen.slice(0, 3));
          assert.equal(work.runs, 2);
        });
      }

      it('a refresh that a conditional or range request starts makes the whole picture', async () => {
        for (const [, options] of stores)
          for (const headers of [{ 'If-None-Match': '"1"' }, { Range: 'bytes=0-0' }]) {
            const { safelight, clock } = scene(options());
            const work = counted((_req, res) => {
              res.setHeader('Cache-Control', 'max-age=60, stale-while-revalidate=60');
              if (work.runs === 1) res.setHeader('ETag', '"1"');
              res.end(`run ${'#'.repeat(work.runs)}`);
            });
            const server = await serve(framework, safelight.guard(work, { cache: true }));
            await ask(server, '/a');
            clock.pass(60_000);
            await ask(server, '/a', { headers });
            await until(() => work.runs === 2);
            await until(async () => (await ask(server, '/a')).text === 'run ##');
            const { status, headers: after } = await ask(server, '/a');
            assert.deepEqual([status, after['content-length'], work.runs], [200, '6', 2]);
          }
      });

      it('a HEAD starts no refresh: the handler responds to it, and the next GET starts the refresh', async () => {
        for (const [, options] of stores) {
          const { safelight, clock } = scene(options());
          const work = counted((req, res) => {
            res.setHeader('Cache-Control', 'max-age=60, stale-while-revalidate=60');
            res.setHeader('X-Method', String(req.method));
            res.end(`run ${'#'.repeat(work.runs)}`);
          });
          const server = await serve(framework, safelight.guard(work, { cache: true }));
          await ask(server, '/a');
          clock.pass(60_000);
          const head = await ask(server, '/a', { method: 'HEAD' });
          assert.deepEqual([head.status, head.headers['x-method'], isHeld(head), work.runs], [200, 'HEAD', false, 2]);
          const stale = await ask(server, '/a');
          assert.deepEqual([stale.text, statusOf(stale)], ['run #', 'hit; ttl=0']);
          await until(async () => (await ask(server, '/a')).text === 'run ###');
          const { status, headers: after } = await ask(server, '/a', { method: 'HEAD' });
          assert.deepEqual([status, after['content-length'], after['x-method'], work.runs], [200, '7', 'GET', 3]);
        }
      });

      const failures: Readonly<Record<string, RequestHandler>> = {
        'sends 500': (_req, res) => void res.writeHead(500).end('no'),
        'sends 503': (_req, res) => void res.writeHead(503, { 'Retry-After': '1' }).end('no'),
        throws: () => {
          throw new Error('broken');
        },
        hangs: () => {},
      };
      for (const [how, fail] of Object.entries(failures)) {
        it(`stale-if-error: the handler ${how}, the cached response is served, and each window is longer`, async () => {
          const { safelight, clock } = scene({ timeoutMs: 25 });
          const work = counted((req, res, next) => {
            if (work.runs > 1) return fail(req, res, next);
            return res.writeHead(200, { 'Cache-Control': 'max-age=60, stale-if-error=600' }).end('good');
          });
          const server = await serve(framework, safelight.guard(work, { cache: true }));
          await ask(server, '/a');
          clock.pass(60_000);
          // Windows of 1, 2 and 4 seconds: one attempt for each.
          for (const [runs, window] of [
            [2, 1000],
            [3, 2000],
            [4, 4000],
          ] as const) {
            for (let i = 0; i < 3; i += 1) {
              const reply = await ask(server, '/a');
              assert.deepEqual([reply.status, reply.text, work.runs], [200, 'good', runs]);
              assert.match(statusOf(reply), /^hit; ttl=-?\d+; detail=refresh_failed$/);
            }
            clock.pass(window);
          }
          clock.pass(600_000);
          assert.ok((await ask(server, '/a')).status >= 500);
        });
      }

      for (const [what, cacheControl, status] of [
        ['a 404', 'max-age=60, stale-if-error=600', 404],
        ['a 410', 'max-age=60, stale-if-error=600', 410],
        ['a 500 when the response has must-revalidate', 'max-age=60, must-revalidate, stale-if-error=600', 500],
        ['a 500 when the response has s-maxage', 's-maxage=60, stale-if-error=600', 500],
        ['a 500 when the response has no-cache', 'no-cache, stale-if-error=600', 500],
      ] as const) {
        it(`a stale response does not replace ${what}`, async () => {
          const { safelight, clock } = scene();
          const work = counted((_req, res) => {
            if (work.runs > 1) return void res.writeHead(status).end('no');
            return void res.writeHead(200, { 'Cache-Control': cacheControl, ETag: '"1"' }).end('good');
          });
          const server = await serve(framework, safelight.guard(work, { cache: true }));
          await ask(server, '/a');
          clock.pass(60_000);
          for (let i = 0; i < 2; i += 1) assert.equal((await ask(server, '/a')).status, status);
          assert.equal(work.runs, 2);
        });
      }

      it('revalidated: one run for 50 requests, the same bytes, a new head', async () => {
        const { safelight, clock } = scene();
        const gate = Promise.withResolvers<void>();
        const asked: unknown[] = [];
        const work = counted(async (req, res) => {
          asked.push([req.headers['if-none-match'], req.headers['if-modified-since']]);
          const headers = { ETag: '"1"', 'Cache-Control': 'max-age=60', 'X-Run': String(work.runs) };
          if (work.runs > 1) await gate.promise;
          if (req.headers['if-none-match'] === '"1"') return void res.writeHead(304, headers).end();
          return void res.writeHead(200, { ...headers, 'Content-Type': 'image/png' }).end('good');
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, { ...options, cache: true }));
        await ask(server, '/a');
        clock.pass(60_000);
        const requests = Array.from({ length: 50 }, () => ask(server, '/a'));
        await all(51);
        gate.resolve();
        let collapsed = 0;
        for (const reply of await Promise.all(requests)) {
          const { headers } = reply;
          assert.deepEqual([reply.status, reply.text, headers['content-type']], [200, 'good', 'image/png']);
          assert.deepEqual([headers['x-run'], headers.age], ['2', '0']);
          assert.match(statusOf(reply), /^fwd=stale; fwd-status=304; ttl=60; stored(; collapsed)?$/);
          if (statusOf(reply).endsWith('collapsed')) collapsed += 1;
        }
        assert.deepEqual([work.runs, collapsed], [2, 49]);
        assert.deepEqual(asked, [
          [undefined, undefined],
          ['"1"', undefined],
        ]);
        clock.pass(30_000);
        const later = await ask(server, '/a');
        assert.deepEqual([later.headers['x-run'], later.headers.age, statusOf(later)], ['2', '30', 'hit; ttl=30']);
        clock.pass(30_000);
        assert.equal((await ask(server, '/a')).headers['x-run'], '3');
      });

      it('a response that is confirmed within the second of the last hit has the new head', async () => {
        const { safelight, clock } = scene();
        const work = counted((req, res) => {
          // The handler's clock is ahead, so the response has no age yet.
          const date = new Date(clock() + 1000).toUTCString();
          const headers = { ETag: '"1"', Date: date, 'X-Run': String(work.runs) };
          const isKnown = req.headers['if-none-match'] === '"1"';
          res.writeHead(isKnown ? 304 : 200, headers).end(isKnown ? '' : 'good');
        });
        const server = await serve(framework, safelight.guard(work, { cache: { silentFreshMs: 300 } }));
        const runs: unknown[] = [];
        for (const ms of [0, 100, 300, 100]) {
          clock.pass(ms);
          runs.push((await ask(server, '/a')).headers['x-run']);
        }
        assert.deepEqual(runs, ['1', '1', '2', '2']);
      });

      it('a condition of the client is evaluated after the handler has confirmed the cached response', async () => {
        const { safelight, clock } = scene();
        const work = counted((req, res) => {
          const isKnown = req.headers['if-none-match'] === '"1"';
          res.writeHead(isKnown ? 304 : 200, { ETag: '"1"', 'Cache-Control': 'no-cache' }).end(isKnown ? '' : 'good');
        });
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        for (let i = 0; i < 3; i += 1) {
          assert.equal((await ask(server, '/a', { headers: { 'If-None-Match': '"0"' } })).text, 'good');
          assert.equal((await ask(server, '/a', { headers: { 'If-None-Match': '"1"' } })).status, 304);
          assert.equal((await ask(server, '/a', { headers: { Range: 'bytes=1-2' } })).text, 'oo');
          clock.pass(10);
        }
        assert.equal(work.runs, 9);
      });

      it('a 200 instead of a 304: all clients get the new bytes', async () => {
        const { safelight, clock } = scene();
        const work = withFreshness('max-age=60', { ETag: '"same"' });
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        await ask(server, '/a');
        clock.pass(60_000);
        assert.equal((await ask(server, '/a')).text, 'run ##');
        const cached = await ask(server, '/a');
        assert.deepEqual([cached.text, cached.headers['content-length'], work.runs], ['run ##', '6', 2]);
      });

      it('a response without Cache-Control is fresh for a day, or for silentFreshMs', async () => {
        for (const [cache, ms] of [
          [true, 86_400_000],
          [{ silentFreshMs: 5000 }, 5000],
        ] as const) {
          const { safelight, clock } = scene();
          const work = counted((_req, res) => void res.end(`run ${work.runs}`));
          const server = await serve(framework, safelight.guard(work, { cache }));
          await ask(server, '/a');
          clock.pass(ms - 1);
          assert.equal((await ask(server, '/a')).text, 'run 1');
          clock.pass(1);
          assert.equal((await ask(server, '/a')).text, 'run 2');
        }
      });

      it('a clock that is set back changes no age below 0, and nothing throws', async () => {
        const { safelight, clock } = scene();
        const server = await serve(framework, safelight.guard(withFreshness('max-age=60'), { cache: true }));
        await ask(server, '/a');
        clock.pass(-3_600_000);
        const reply = await ask(server, '/a');
        assert.deepEqual([reply.text, reply.headers.age], ['run #', '0']);
      });
    });
  }
});
