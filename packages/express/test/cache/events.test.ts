import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { finished, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from '@safelight/http';
import { ask, askAndStay, exchange, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

/** Records the events of a request and a response until both have closed. */
function recordEvents(
  req: IncomingMessage,
  res: ServerResponse,
): { readonly events: string[]; readonly closed: Promise<unknown> } {
  const events: string[] = [];
  for (const event of ['finish', 'pipe', 'unpipe', 'error']) res.on(event, () => events.push(event));
  const resClosed = new Promise<void>((resolve) => {
    res.on('close', () => resolve(void events.push('close')));
  });
  return { events, closed: Promise.all([resClosed, once(req, 'close')]) };
}

const sources: Readonly<Record<string, (res: ServerResponse) => unknown>> = {
  end: (res) => res.end('cat'),
  pipe: (res) => Readable.from(['c', 'at']).pipe(res),
  pipeline: (res) => pipeline(Readable.from(['c', 'at']), res),
};

describe('guard with cache: the events that a handler receives', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const [how, send] of Object.entries(sources)) {
        for (const status of [200, 404]) {
          it(`${how} of ${status}: the same events as without the guard, and each promise resolves`, async () => {
            const ends: { events: string[]; closed: Promise<unknown>; sent: Promise<unknown> }[] = [];
            const handler: RequestHandler = (req, res) => {
              const events = recordEvents(req, res);
              res.statusCode = status;
              ends.push({ ...events, sent: Promise.resolve(send(res)) });
            };
            const servers = [
              await serve(framework, handler),
              await serve(framework, scene().safelight.guard(handler, { cache: true })),
            ];
            for (const server of servers) await ask(server, '/a');
            for (const { closed, sent } of ends) await Promise.all([closed, sent]);
            assert.deepEqual(ends[1]?.events, ends[0]?.events);
            assert.ok(ends[0]?.events.includes('finish'));
          });
        }
      }

      it('getters, callbacks and return values are those of a response', async () => {
        const values: unknown[] = [];
        const handler: RequestHandler = async (req, res) => {
          const look = () => [res.headersSent, res.writableEnded, res.writableFinished, res.writableLength];
          values.push(look(), res.req === req, res.writable, res.errored, res.destroyed, res.closed);
          await new Promise<void>((resolve) => void values.push(res.write('c', () => resolve())));
          values.push(look(), res.destroyed, res.closed);
          const closed = new Promise((resolve) => finished(res, resolve));
          await new Promise<void>((resolve) => res.end('at', () => resolve()));
          values.push(look(), await closed);
        };
        const runs: unknown[][] = [];
        for (const guarded of [handler, scene().safelight.guard(handler, { cache: true })]) {
          assert.equal((await ask(await serve(framework, guarded), '/a')).text, 'cat');
          runs.push(values.splice(0));
        }
        assert.equal(runs[0]?.length, 12);
        assert.deepEqual(runs[1], runs[0]);
      });

      it('backpressure and drain events follow the pace of a single client', async () => {
        const piece = randomBytes(65_536);
        let written = 0;
        let stalls = 0;
        const stalled = Promise.withResolvers<void>();
        const { safelight } = scene();
        const server = await serve(
          framework,
          safelight.guard(
            async (_req, res) => {
              for (let i = 0; i < 400; i += 1) {
                written += 1;
                if (res.write(piece)) continue;
                assert.equal(res.writableNeedDrain, true);
                stalls += 1;
                const drained = once(res, 'drain');
                if (written > 100) stalled.resolve();
                await drained;
              }
              res.end();
            },
            { cache: true },
          ),
        );
        const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
        request({ port: server.port, path: '/a', agent: false }, resolve).end();
        const reply = await promise; // and nothing is read yet
        while (written < 400) {
          const before = written;
          await new Promise((done) => setTimeout(done, 50));
          if (before === written) break;
        }
        assert.ok(written < 400, 'the handler was not slowed down by its only client');
        let bytes = 0;
        for await (const chunk of reply) bytes += (chunk as Buffer).length;
        assert.equal(bytes, 400 * piece.length);
        assert.ok(stalls > 1);
      });

      it('headers after the head, a second end and writes after the end have the same effect as without the guard', async () => {
        const codes: unknown[] = [];
        const handler: RequestHandler = (_req, res) => {
          const codeOf = (act: () => unknown) => {
            try {
              return act() === res;
            } catch (error) {
              return (error as NodeJS.ErrnoException).code;
            }
          };
          res.on('error', (error) => codes.push((error as NodeJS.ErrnoException).code));
          res.write('a');
          codes.push(
            codeOf(() => res.setHeader('X-A', '1')),
            codeOf(() => res.removeHeader('X-A')),
            codeOf(() => res.writeHead(200)),
            codeOf(() => res.end('b')),
            codeOf(() => res.end('c')),
            codeOf(() => res.write('d')),
          );
        };
        const bare = await serve(framework, handler);
        const cached = await serve(framework, scene().safelight.guard(handler, { cache: true }));
        const events: unknown[][] = [];
        for (const server of [bare, cached]) {
          assert.equal((await ask(server, '/a')).text, 'ab');
          events.push(codes.splice(0));
        }
        assert.ok(events[0]?.includes('ERR_HTTP_HEADERS_SENT'));
        assert.deepEqual(events[1], events[0]);
      });

      it('early hints reach the waiting client, and announced trailers reach all clients', async () => {
        const work = counted((req, res) => {
          res.writeProcessing();
          res.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.css>; rel=preload'] }, () => {
            if (req.url === '/plain') return void res.end('cat');
            res.writeHead(200, { Trailer: 'X-Sum' }).write('cat');
            res.addTrailers({ 'X-Sum': '7' });
            return void res.end();
          });
        });
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        const first = await ask(server, '/plain');
        assert.deepEqual([first.text, first.hints.length], ['cat', 2]);
        assert.equal(first.hints[1]?.['link'], '</a.css>; rel=preload, </b.css>; rel=preload');
        assert.deepEqual([(await ask(server, '/plain')).hints.length, work.runs], [0, 1]);
        for (let i = 0; i < 3; i += 1) {
          const reply = await ask(server, '/trailers');
          assert.deepEqual([reply.trailers['x-sum'], reply.headers['trailer']], ['7', 'X-Sum']);
        }
      });

      it('a response that is destroyed before its head is a failure, as without cache', async () => {
        const work = counted((_req, res) => void res.destroy());
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (let i = 0; i < 2; i += 1) {
          const reply = await ask(server, '/a');
          assert.deepEqual([reply.status, rungOf(reply), isHeld(reply), work.runs], [500, 1, i === 1, 1]);
        }
      });

      it('a handler that hangs: clients get a 504 at the timeout, and the handler receives close', async () => {
        const { safelight } = scene({ timeoutMs: 30 });
        const closed = Promise.withResolvers<void>();
        const late = Promise.withResolvers<boolean>();
        const server = await serve(
          framework,
          safelight.guard(
            (_req, res) => {
              res.once('close', () => {
                closed.resolve();
                res.setHeader('X-Late', '1');
                late.resolve(res.write('too late'));
                res.end();
              });
            },
            { cache: true },
          ),
        );
        const reply = await ask(server, '/a');
        assert.deepEqual([reply.status, rungOf(reply)], [504, 1]);
        await closed.promise;
        await late.promise;
      });

      it('a response that is not shared: the handler receives close when its client disconnects', async () => {
        const { safelight } = scene();
        const began = Promise.withResolvers<void>();
        const closed = Promise.withResolvers<void>();
        const server = await serve(
          framework,
          safelight.guard(
            (_req, res) => {
              res.once('close', closed.resolve);
              res.writeHead(200, { 'Cache-Control': 'no-store' }).write('half', () => began.resolve());
            },
            { cache: true },
          ),
        );
        const client = askAndStay(server, '/a');
        await began.promise;
        client.leave();
        await closed.promise;
      });

      it('a response that is not shared, and a client that disconnects before its head: the same', async () => {
        const { safelight } = scene();
        const gate = Promise.withResolvers<void>();
        const began = Promise.withResolvers<void>();
        const closed = Promise.withResolvers<void>();
        const server = await serve(
          framework,
          safelight.guard(
            async (_req, res) => {
              res.once('close', closed.resolve);
              began.resolve();
              await gate.promise;
              res.writeHead(200, { 'Cache-Control': 'no-store' }).write(Buffer.alloc(100_000));
            },
            { cache: true },
          ),
        );
        const client = askAndStay(server, '/a');
        await began.promise;
        client.leave();
        await client.gone;
        await new Promise((resolve) => setTimeout(resolve, 5)); // the server hears of it
        gate.resolve();
        await closed.promise;
      });

      it('connections are reused, also after a response that is not shared, and after its HEAD', async () => {
        const sent: unknown[] = [];
        const handler: RequestHandler = async (_req, res) => {
          const large = Array.from({ length: 20 }, () => Buffer.alloc(16_384, 'cat'));
          await pipeline(Readable.from(large), res).catch((error) => sent.push(error));
          sent.push('sent');
        };
        const guard = scene().safelight.guard(
          (req, res, next) => {
            res.setHeader('Cache-Control', 'no-store');
            return handler(req, res, next);
          },
          { cache: true },
        );
        const server = await serve(framework, guard);
        const text = await exchange(
          server,
          'GET /a HTTP/1.1\r\nHost: a\r\n\r\nHEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
        );
        assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
        assert.deepEqual(sent, ['sent', 'sent', 'sent']);
      });
    });
  }
});
