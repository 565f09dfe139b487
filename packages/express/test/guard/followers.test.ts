import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import type { RequestHandler } from '@safelight/http';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, askAndStay, isHeld, type Reply, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

/** The parts of a response that are the same for all waiting clients: everything except `collapsed`. */
function essence({ status, rawHeaders, body }: Reply): unknown {
  return [status, rawHeaders.map((text) => text.replace('; collapsed', '')), body.toString('hex')];
}

describe('guard: concurrent requests for the same derivation', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      const failures: Readonly<Record<string, RequestHandler>> = {
        'with a body at once': (_req, res) =>
          void res.writeHead(404, { 'Content-Type': 'text/html' }).end('<h1>no</h1>'),
        'with a streamed body': (_req, res) => {
          res.statusCode = 410;
          Readable.from(['a', 'b', 'c']).pipe(res);
        },
        'by throwing': () => {
          throw new Error('broken');
        },
      };
      for (const [how, fail] of Object.entries(failures)) {
        it(`share a failure ${how}: one run, one rung, one response`, async () => {
          const { safelight } = scene();
          const gate = Promise.withResolvers<void>();
          const work = counted(async (req, res, next) => {
            await gate.promise;
            return fail(req, res, next);
          });
          const { options, all } = arrivals();
          const server = await serve(framework, safelight.guard(work, options));
          const asked = Array.from({ length: 20 }, () =>
            ask(server, '/a', { headers: { Accept: 'application/json' } }),
          );
          await all(20);
          gate.resolve();
          const replies = await Promise.all(asked);
          assert.equal(work.runs, 1);
          const leaders = replies.filter(({ headers }) => !String(headers['cache-status']).includes('collapsed'));
          assert.equal(leaders.length, 1);
          for (const reply of replies) assert.deepEqual(essence(reply), essence(replies[0] as Reply));
          assert.deepEqual(replies.map(rungOf), Array(20).fill(1));
          assert.equal(rungOf(await ask(server, '/a')), 1);
        });
      }

      it('do not poll: the slowest is at most 50 ms behind', async () => {
        const spreads: number[] = [];
        // On a busy machine another process may delay a round, but not all of them.
        for (let round = 0; round < 4 && !spreads.some((spread) => spread < 50); round += 1) {
          const { safelight } = scene();
          const gate = Promise.withResolvers<void>();
          const { options, all } = arrivals();
          const server = await serve(
            framework,
            safelight.guard(async (_req, res) => {
              await gate.promise;
              res.writeHead(404).end();
            }, options),
          );
          const finished: number[] = [];
          const asked = Array.from({ length: 50 }, async () => {
            await ask(server, '/a');
            finished.push(performance.now());
          });
          await all(50);
          gate.resolve();
          await Promise.all(asked);
          spreads.push(Math.max(...finished) - Math.min(...finished));
        }
        assert.ok(Math.min(...spreads) < 50, `${spreads}`);
      });

      it('wait only for the status line of a success, then each runs the handler', async () => {
        const { safelight } = scene();
        const statusLine = Promise.withResolvers<void>();
        const body = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          const mine = work.runs;
          if (mine === 1) await statusLine.promise;
          res.writeHead(200, { 'Content-Type': 'text/plain', 'Set-Cookie': `run=${mine}` });
          res.write('run ');
          if (mine === 1) await body.promise;
          res.end(String(mine));
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, options));
        const leader = ask(server, '/a');
        await all(1);
        const others = Array.from({ length: 9 }, () => ask(server, '/a'));
        await all(10);
        assert.equal(work.runs, 1);
        statusLine.resolve();
        const texts = (await Promise.all(others)).map(({ text }) => text);
        body.resolve();
        assert.equal((await leader).text, 'run 1');
        assert.deepEqual(
          texts.toSorted(),
          ['2', '3', '4', '5', '6', '7', '8', '9', '10'].map((n) => `run ${n}`).toSorted(),
        );
      });

      it('200 requests at the end of a window: one run, and the others get the held failure meanwhile', async () => {
        const { safelight, clock } = scene();
        const gate = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          if (work.runs === 2) await gate.promise;
          res.writeHead(404).end();
        });
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/a');
        clock.pass(60_000);
        let pending = 200;
        const rest = Promise.withResolvers<void>();
        const asked = Array.from({ length: 200 }, async () => {
          const reply = await ask(server, '/a');
          pending -= 1;
          if (pending === 1) rest.resolve();
          return reply;
        });
        await rest.promise;
        assert.equal(work.runs, 2);
        gate.resolve();
        const replies = await Promise.all(asked);
        assert.equal(work.runs, 2);
        const held = replies.filter(isHeld);
        assert.equal(held.length, 199);
        for (const reply of held) {
          assert.deepEqual([reply.status, rungOf(reply), reply.headers['retry-after']], [404, 1, '1']);
          assert.equal(reply.headers['cache-control'], 'public, max-age=0, s-maxage=0, stale-while-revalidate=0');
        }
        assert.equal(rungOf(await ask(server, '/a')), 2);
      });

      it('a successful run after a window ends the ladder for all', async () => {
        const { safelight, clock } = scene();
        const work = counted((_req, res) => void (work.runs === 1 ? res.writeHead(404).end() : res.end('cat')));
        const server = await serve(framework, safelight.guard(work));
        await ask(server, '/a');
        clock.pass(60_000);
        assert.equal((await ask(server, '/a')).text, 'cat');
        assert.equal((await ask(server, '/a')).text, 'cat');
        assert.equal(work.runs, 3);
      });

      it('the first client disconnects: the others get the picture, and no failure is recorded', async () => {
        const { safelight } = scene();
        const gate = Promise.withResolvers<void>();
        const left = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          if (work.runs === 1) {
            await once(res, 'close');
            left.resolve();
          } else {
            await gate.promise;
            res.end('cat');
          }
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, options));
        const leader = askAndStay(server, '/a');
        await all(1);
        const others = Array.from({ length: 10 }, () => ask(server, '/a'));
        await all(11);
        leader.leave();
        await left.promise;
        gate.resolve();
        for (const { status, text } of await Promise.all(others)) assert.deepEqual([status, text], [200, 'cat']);
        assert.equal((await ask(server, '/a')).text, 'cat');
      });

      it('all clients disconnect: no rung, and the next request runs at once', async () => {
        const { safelight } = scene();
        const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const work = counted(async (_req, res) => {
          if (work.runs === 3) return void res.end('cat');
          const end = ends[work.runs - 1];
          await once(res, 'close');
          end?.resolve();
          throw new Error('crashed because the client left');
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, options));
        const first = askAndStay(server, '/a');
        await all(1);
        first.leave();
        await ends[0]?.promise;
        const second = askAndStay(server, '/a');
        await all(2);
        second.leave();
        await ends[1]?.promise;
        assert.equal((await ask(server, '/a')).text, 'cat');
      });

      it('a failure after the client has disconnected is not recorded', async () => {
        const { safelight } = scene();
        const found = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          if (work.runs > 1) return void res.end('cat');
          await once(res, 'close');
          res.writeHead(404).end();
          found.resolve();
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, options));
        const leader = askAndStay(server, '/a');
        await all(1);
        leader.leave();
        await found.promise;
        const reply = await ask(server, '/a');
        assert.deepEqual([reply.text, isHeld(reply), work.runs], ['cat', false, 2]);
      });

      for (const event of ['aborted', 'close']) {
        it(`a client that disconnects in the middle is not a failure, even if the handler destroys its response on '${event}'`, async () => {
          const { safelight } = scene();
          const sent = Promise.withResolvers<void>();
          const closed = Promise.withResolvers<void>();
          const work = counted((req, res) => {
            if (work.runs === 2) return void res.end('cat');
            req.on(event, () => res.destroy(new Error('client left')));
            res.once('close', () => setImmediate(closed.resolve));
            res.writeHead(200, { 'Content-Length': 1000 });
            return res.write('half', () => sent.resolve());
          });
          const server = await serve(framework, safelight.guard(work));
          const client = askAndStay(server, '/a');
          await sent.promise;
          client.leave();
          await closed.promise;
          assert.equal((await ask(server, '/a')).text, 'cat');
        });
      }

      it('more than maxWaiters: the last ones get a 503, which is not held, and the others get the response', async () => {
        const { safelight } = scene({ maxWaiters: 3 });
        const gate = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          await gate.promise;
          res.end('cat');
        });
        const { options, all } = arrivals();
        const server = await serve(framework, safelight.guard(work, options));
        const early = [ask(server, '/a')];
        await all(1);
        early.push(...Array.from({ length: 3 }, () => ask(server, '/a')));
        await all(4);
        for (const reply of await Promise.all([ask(server, '/a'), ask(server, '/a')])) {
          assert.deepEqual(
            [reply.status, reply.headers['cache-control'], reply.headers['x-safelight-error']],
            [503, 'no-store', 'busy'],
          );
          assert.match(String(reply.headers['retry-after']), /^[1-5]$/);
          assert.equal(reply.headers['cache-status'], undefined);
        }
        gate.resolve();
        assert.deepEqual(
          (await Promise.all(early)).map(({ text }) => text),
          Array(4).fill('cat'),
        );
        assert.equal((await ask(server, '/a')).text, 'cat');
      });

      it('derivations do not wait for each other', async () => {
        const { safelight } = scene();
        const gate = Promise.withResolvers<void>();
        const server = await serve(
          framework,
          safelight.guard(async (req, res) => {
            if (req.url === '/slow') await gate.promise;
            res.end('cat');
          }),
        );
        const slow = ask(server, '/slow');
        assert.equal((await ask(server, '/fast')).text, 'cat');
        gate.resolve();
        assert.equal((await slow).text, 'cat');
      });

      it('middleware in front may respond meanwhile', async () => {
        const { safelight } = scene();
        const gate = Promise.withResolvers<void>();
        const work = counted(async () => {
          await gate.promise;
          throw new Error('broken');
        });
        const { options, all } = arrivals();
        const shortTimeout: RequestHandler = (req, res, next) => {
          if (req.headers['x-short-timeout'] !== undefined) setTimeout(() => res.end('timed out'), 5);
          next();
        };
        const server = await serve(framework, shortTimeout, safelight.guard(work, options));
        const leader = ask(server, '/a');
        await all(1);
        const follower = ask(server, '/a', { headers: { 'X-Short-Timeout': '1' } });
        assert.equal((await follower).text, 'timed out');
        gate.resolve();
        assert.equal((await leader).status, 500);
      });
    });
  }

  it('1000 requests may wait by default', async () => {
    const { safelight } = scene();
    const gate = Promise.withResolvers<void>();
    const { options, all } = arrivals();
    const server = await serve(
      frameworks[2] as (typeof frameworks)[number],
      safelight.guard(async (_req, res) => {
        await gate.promise;
        res.writeHead(404).end();
      }, options),
    );
    const socket = connect(server.port, '127.0.0.1');
    const last = 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    socket.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1002) + last);
    await all(1003);
    gate.resolve();
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) text += chunk;
    assert.equal(text.match(/^HTTP\/1.1 404/gm)?.length, 1001);
    assert.equal(text.match(/^HTTP\/1.1 503/gm)?.length, 2);
  });
});
