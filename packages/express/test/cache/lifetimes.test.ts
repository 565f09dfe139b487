import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import Keyv from 'keyv';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, type Reply } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';
import type { SafelightOptions } from '../../src/safelight-options.ts';

const statusOf = ({ headers }: Reply) => String(headers['cache-status']).replace('safelight; ', '');

/** Ends when something is so; for what goes on behind an answer. */
async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise(setImmediate);
}

/** Answers `run 1`, `run 2` … with a life, and with longer bodies each time. */
const withLife = (cacheControl: string, more: Readonly<Record<string, string>> = {}) => {
  const work = counted((_req, res) => {
    res.writeHead(200, { 'Cache-Control': cacheControl, ...more }).end(`run ${'#'.repeat(work.runs)}`);
  });
  return work;
};

/** In this process, and where everything is fetched: there the refresh begins after its answer was written. */
const stores: readonly (readonly [string, () => SafelightOptions])[] = [
  ['a store of its own', () => ({})],
  ['a shared store', () => ({ store: new Keyv() })],
];

describe('guard with keep: how long an answer is used', () => {
  afterEach(closeServers);

  for (const framework of frameworks) {
    describe(`in ${framework.name}`, () => {
      it('fresh: from memory, with its age and the rest of its life, then made anew', async () => {
        const { safelight, clock } = scene();
        const work = withLife('max-age=60');
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

      it('an answer that had an age already goes on from there', async () => {
        const { safelight, clock } = scene();
        const work = withLife('max-age=60', { Age: '20' });
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        assert.equal((await ask(server, '/a')).headers.age, '20');
        clock.pass(39_000);
        assert.deepEqual([(await ask(server, '/a')).headers.age, work.runs], ['59', 1]);
        clock.pass(1000);
        assert.equal((await ask(server, '/a')).text, 'run ##');
      });

      for (const [where, options] of stores) {
        it(`stale while it is made again: no request waits, one run in the background, from a clean start (${where})`, async () => {
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
          const askers = [
            {},
            { 'If-None-Match': String((await ask(server, '/a')).headers.etag) },
            { Range: 'bytes=0-0' },
            ...Array.from({ length: 10 }, () => ({})),
          ];
          for (const asking of askers) {
            const reply = await ask(server, '/a', { headers: asking });
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

      it('a refresh that began behind a 304 or a part makes the whole', async () => {
        for (const [, options] of stores)
          for (const headers of [{ 'If-None-Match': '"1"' }, { Range: 'bytes=0-0' }, { method: 'HEAD' }]) {
            const { safelight, clock } = scene(options());
            const work = counted((_req, res) => {
              res.setHeader('Cache-Control', 'max-age=60, stale-while-revalidate=60');
              if (work.runs === 1) res.setHeader('ETag', '"1"');
              res.end(`run ${'#'.repeat(work.runs)}`);
            });
            const server = await serve(framework, safelight.guard(work, { cache: true }));
            await ask(server, '/a');
            clock.pass(60_000);
            const { method = 'GET' } = headers as { method?: string };
            await ask(server, '/a', method === 'HEAD' ? { method } : { headers });
            await until(() => work.runs === 2);
            await until(async () => (await ask(server, '/a')).text === 'run ##');
            const { status, headers: after } = await ask(server, '/a');
            assert.deepEqual([status, after['content-length'], work.runs], [200, '6', 2]);
          }
      });

      const failures: Readonly<Record<string, RequestHandler>> = {
        'answers 500': (_req, res) => void res.writeHead(500).end('no'),
        'answers 503': (_req, res) => void res.writeHead(503, { 'Retry-After': '1' }).end('no'),
        throws: () => {
          throw new Error('broken');
        },
        hangs: () => {},
      };
      for (const [how, fail] of Object.entries(failures)) {
        it(`stale because the handler ${how}: the kept one stands in, while the ladder climbs`, async () => {
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
        ['404', 'max-age=60, stale-if-error=600', 404],
        ['410', 'max-age=60, stale-if-error=600', 410],
        ['500 of what must be revalidated', 'max-age=60, must-revalidate, stale-if-error=600', 500],
        ['500 of what has an s-maxage', 's-maxage=60, stale-if-error=600', 500],
        ['500 of what is no-cache', 'no-cache, stale-if-error=600', 500],
      ] as const) {
        it(`never in place of ${what}`, async () => {
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

      it('revalidated: one run for 50 askers, the same bytes, a fresh head', async () => {
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
        const askers = Array.from({ length: 50 }, () => ask(server, '/a'));
        await all(51);
        gate.resolve();
        let collapsed = 0;
        for (const reply of await Promise.all(askers)) {
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

      it('confirmed within the second in which it was last sent: the fresh head all the same', async () => {
        const { safelight, clock } = scene();
        const work = counted((req, res) => {
          // A clock that is ahead: by ours it has no age yet.
          const date = new Date(clock() + 1000).toUTCString();
          const headers = { ETag: '"1"', Date: date, 'X-Run': String(work.runs) };
          const isKnown = req.headers['if-none-match'] === '"1"';
          res.writeHead(isKnown ? 304 : 200, headers).end(isKnown ? '' : 'good');
        });
        const server = await serve(framework, safelight.guard(work, { cache: { silentFreshMs: 300 } }));
        const heard: unknown[] = [];
        for (const ms of [0, 100, 300, 100]) {
          clock.pass(ms);
          heard.push((await ask(server, '/a')).headers['x-run']);
        }
        assert.deepEqual(heard, ['1', '1', '2', '2']);
      });

      it('a client’s own condition is answered after the handler has confirmed', async () => {
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

      it('200 instead of 304: the new bytes, for all clients', async () => {
        const { safelight, clock } = scene();
        const work = withLife('max-age=60', { ETag: '"same"' });
        const server = await serve(framework, safelight.guard(work, { cache: true }));
        await ask(server, '/a');
        clock.pass(60_000);
        assert.equal((await ask(server, '/a')).text, 'run ##');
        const cached = await ask(server, '/a');
        assert.deepEqual([cached.text, cached.headers['content-length'], work.runs], ['run ##', '6', 2]);
      });

      it('silent answers live a day, or as long as is said', async () => {
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

      it('a clock that is set back makes nothing younger, and nothing throws', async () => {
        const { safelight, clock } = scene();
        const server = await serve(framework, safelight.guard(withLife('max-age=60'), { cache: true }));
        await ask(server, '/a');
        clock.pass(-3_600_000);
        const reply = await ask(server, '/a');
        assert.deepEqual([reply.text, reply.headers.age], ['run #', '0']);
      });
    });
  }
});
