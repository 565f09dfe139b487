import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { memoryStore } from '@safelight/stores';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';
import { createSafelight } from '../../src/create-safelight.ts';

/** A handler that fails with these fields, set by itself. */
const failing =
  (headers: OutgoingHttpHeaders, status = 404): RequestHandler =>
  (_req, res) =>
    void res.writeHead(status, headers).end('mine');

describe('guard: what an error response says about its own reuse', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      const own: readonly OutgoingHttpHeaders[] = [
        { 'Cache-Control': 'private' },
        { 'Cache-Control': 'max-age=60, Private="x-a"' },
        { 'Set-Cookie': 'a=1' },
        { Vary: '*' },
        { Vary: 'Cookie' },
        { Vary: 'Accept, User-Agent' },
        { Vary: 'X-Other' },
      ];
      for (const headers of own) {
        it(`${JSON.stringify(headers)}: it passes unchanged, and no other client gets it`, async () => {
          const work = counted(failing(headers));
          const server = await serve(framework, scene().safelight.guard(work));
          for (let time = 1; time <= 2; time += 1) {
            const reply = await ask(server, '/cat');
            assert.deepEqual([reply.status, reply.text, isHeld(reply), work.runs], [404, 'mine', false, time]);
            assert.equal(reply.headers['cache-status'], undefined);
          }
        });
      }

      it('Vary on what is negotiated: one record for each normalised value', async () => {
        const work = counted(failing({ Vary: 'Accept, Sec-CH-DPR' }));
        const server = await serve(framework, scene().safelight.guard(work));
        const as = (Accept: string) => ask(server, '/cat', { headers: { Accept } });
        await as('image/avif, image/webp');
        const same = await as('image/webp;q=1.0,IMAGE/AVIF');
        assert.deepEqual([isHeld(same), same.headers.vary, work.runs], [true, 'accept, sec-ch-dpr', 1]);
        assert.equal(isHeld(await as('image/webp')), false);
        assert.equal(isHeld(await as('image/avif, image/webp')), true);
        assert.equal(work.runs, 2);
      });

      it('Vary: clients that wait for one run get its failure only with the same values', async () => {
        const gate = Promise.withResolvers<void>();
        const work = counted(async (req, res) => {
          await gate.promise;
          res.writeHead(404, { Vary: 'Accept' }).end(String(req.headers.accept));
        });
        const server = await serve(framework, scene().safelight.guard(work));
        const asked = ['image/avif', 'image/avif', 'image/webp'].map((Accept) =>
          ask(server, '/cat', { headers: { Accept } }),
        );
        while (work.runs === 0) await new Promise(setImmediate);
        gate.resolve();
        await Promise.all(asked);
        assert.equal(work.runs, 2);
      });

      it('no-store: remembered here, and nowhere downstream', async () => {
        const work = counted(failing({ 'Cache-Control': 'no-store' }));
        const server = await serve(framework, scene().safelight.guard(work));
        for (const expected of [false, true]) {
          const reply = await ask(server, '/cat');
          assert.deepEqual([isHeld(reply), reply.headers['cache-control']], [expected, 'no-store']);
        }
        assert.equal(work.runs, 1);
      });

      it('fields that were set in front of the guard decide only about caches downstream', async () => {
        for (const [said, expected] of [
          ['no-store', /^no-store$/],
          ['private', /^private, max-age=0/],
          ['public, max-age=60', /^public, max-age=0, s-maxage=60/],
        ] as const) {
          const work = counted(failing({}));
          const application: RequestHandler = (_req, res, next) => {
            res.setHeader('Cache-Control', said).setHeader('Vary', 'Cookie');
            next();
          };
          const server = await serve(framework, application, scene().safelight.guard(work));
          for (const isHit of [false, true]) {
            const reply = await ask(server, '/cat');
            assert.equal(isHeld(reply), isHit);
            assert.match(String(reply.headers['cache-control']), expected);
            assert.equal(reply.headers.vary, 'Cookie');
          }
        }
      });

      it('freshness of a 404 or 410 replaces the window, as one rung; Retry-After goes before it', async () => {
        const { safelight, clock } = scene();
        const headers: OutgoingHttpHeaders = { 'Cache-Control': 'max-age=10' };
        const work = counted((req, res, next) => failing(headers, req.url === '/503' ? 503 : 404)(req, res, next));
        const server = await serve(framework, safelight.guard(work));
        assert.equal((await ask(server, '/cat')).headers['retry-after'], '10');
        clock.pass(10_000);
        headers['Cache-Control'] = 'public, s-maxage=20';
        assert.match(String((await ask(server, '/cat')).headers['server-timing']), /rung;desc="2".*dur=20000/);
        headers['Retry-After'] = '30';
        assert.equal((await ask(server, '/dog')).headers['retry-after'], '30');
        headers['Retry-After'] = [];
        await safelight.changed('/cat');
        assert.equal(isHeld(await ask(server, '/cat')), false);
      });
    });
  }
});

describe('guard: statuses that often concern one request', () => {
  afterEach(closeServers);

  for (const status of [400, 403, 413, 415, 422, 451] as const) {
    it(`${status} passes unchanged, and is held where hold names it`, async () => {
      for (const [hold, runs] of [
        [undefined, 2],
        [[status], 1],
        ['all', 1],
      ] as const) {
        const written = counted(failing({}, status));
        const thrown = counted(() => {
          throw Object.assign(new Error('no'), { status });
        });
        for (const work of [written, thrown]) {
          const server = await serve(
            frameworks[0] as Framework,
            scene().safelight.guard(work, hold === undefined ? {} : { hold }),
          );
          const first = await ask(server, '/cat');
          const second = await ask(server, '/cat');
          assert.deepEqual([first.status, second.status, work.runs], [status, status, runs]);
          if (work === written && runs === 2) assert.equal(second.text, 'mine');
        }
      }
    });
  }

  it('any other status is refused at creation', () => {
    const safelight = createSafelight();
    const message =
      "guard(): hold is an array with 404; it must be 'all', or an array of statuses out of 400, 403, 413, 415, 422, 451; the other statuses are always held, or never.";
    assert.throws(() => safelight.guard(failing({}), { hold: [404 as 400] }), { message });
  });

  it('a new epoch frees what the old code has found', async () => {
    const store = memoryStore();
    const work = counted(failing({}));
    for (const [epoch, held] of [
      ['1', false],
      ['1', true],
      ['2', false],
    ] as const) {
      const server = await serve(frameworks[2] as Framework, createSafelight({ epoch, store }).guard(work));
      assert.equal(isHeld(await ask(server, '/cat')), held, epoch);
    }
  });
});
