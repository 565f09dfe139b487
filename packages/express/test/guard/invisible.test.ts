import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import type { RequestHandler } from '@safelight/http';
import type { Response } from 'express';
import { ask, exchange, isHeld, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { scene } from '../../../../test/servers/scene.ts';
import {
  closeServers,
  type Framework,
  frameworks,
  type Listening,
  listen,
  passErrorsOn,
  type Stack,
  serve,
} from '../../../../test/servers/servers.ts';
import { chunks, expressResponders, responders } from './ways-to-respond.ts';

const compression = createRequire(import.meta.url)('compression') as (options?: object) => RequestHandler;

const requests: Readonly<Record<string, string>> = {
  GET: 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET of HTTP/1.0': 'GET /a HTTP/1.0\r\n\r\n',
  'GET, twice on one connection': `GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  HEAD: 'HEAD /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'conditional GET': 'GET /a HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nConnection: close\r\n\r\n',
  'ranged GET': 'GET /a HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9\r\nConnection: close\r\n\r\n',
};

/** Two servers of the same stack: one with the bare handler, one with the guarded handler. */
async function twins(framework: Framework, handler: RequestHandler, ...before: Stack): Promise<[Listening, Listening]> {
  return [
    await serve(framework, ...before, handler),
    await serve(framework, ...before, scene().safelight.guard(handler)),
  ];
}

describe('guard: successes are unchanged', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}, byte for byte`, () => {
      for (const [what, respond] of Object.entries(responders)) {
        // Node refuses pairs after a header was set, and Express always sets one.
        if (what.includes('pairs') && framework.name !== 'node:http') continue;
        it(what, async () => {
          const handler: RequestHandler = async (req, res) => void (await respond(res, req));
          const [bare, guarded] = await twins(framework, handler);
          for (const [request, text] of Object.entries(requests)) {
            const expected = await exchange(bare, text);
            assert.ok(expected.length > 0);
            assert.equal(await exchange(guarded, text), expected, request);
          }
        });
      }

      if (framework.name === 'node:http') return;
      const locals: RequestHandler = (_req, res, next) => {
        Object.assign((res as Response).locals, { user: 'cat' });
        next();
      };
      for (const [what, respond] of Object.entries(expressResponders)) {
        it(`res.${what}`, async () => {
          const handler: RequestHandler = (_req, res) => respond(res as Response);
          const [bare, guarded] = await twins(framework, handler, locals);
          for (const [request, text] of Object.entries(requests)) {
            assert.equal(await exchange(guarded, text), await exchange(bare, text), request);
          }
        });
      }
    });

    describe(`in ${framework.name}`, () => {
      it('early hints, 100 Continue and 102 reach the client', async () => {
        const { safelight } = scene();
        const server = await serve(
          framework,
          safelight.guard((req, res) => {
            res.writeProcessing();
            res.writeEarlyHints({ link: '</cat.css>; rel=preload' }, () => {
              if (req.url === '/missing') res.writeHead(404).end('mine');
              else res.end('cat');
            });
          }),
        );
        const good = await ask(server, '/a');
        assert.deepEqual(
          [good.text, good.hints.length, good.hints[1]?.['link']],
          ['cat', 2, '</cat.css>; rel=preload'],
        );
        const bad = await ask(server, '/missing');
        assert.deepEqual([bad.status, bad.hints.length, rungOf(bad)], [404, 2, 1]);
      });

      it('backpressure: the handler waits as without the guard', async () => {
        const bytes = randomBytes(64 * 1024);
        const taken: number[] = [];
        const handler: RequestHandler = async (_req, res) => {
          res.writeHead(200, { 'Content-Length': 40 * bytes.length });
          let count = 0;
          for (let i = 0; i < 40; i += 1) {
            count += 1;
            if (res.write(bytes)) continue;
            if (count > 1 || i > 0) assert.ok(res.writableNeedDrain);
            taken.push(count);
            count = 0;
            await once(res, 'drain');
          }
          res.end();
        };
        const [bare, guarded] = await twins(framework, handler);
        for (const server of [bare, guarded]) {
          taken.length = 0;
          const { body, complete } = await ask(server, '/a');
          assert.deepEqual([complete, body.length], [true, 40 * bytes.length]);
          assert.ok(taken.length > 1);
          assert.equal(taken[0], 1);
          const digest = createHash('sha256')
            .update(Buffer.concat(Array(40).fill(bytes)))
            .digest('hex');
          assert.equal(createHash('sha256').update(body).digest('hex'), digest);
        }
      });

      it('a body may take longer than the timeout', async () => {
        const { safelight } = scene({ timeoutMs: 10 });
        const server = await serve(
          framework,
          safelight.guard((_req, res) => {
            res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
            setTimeout(() => res.end('data: cat\n\n'), 25);
          }),
        );
        assert.equal((await ask(server, '/a')).text, 'data: cat\n\n');
        assert.equal(rungOf(await ask(server, '/a')), undefined);
      });

      it('trailers reach the client', async () => {
        const { safelight } = scene();
        const server = await serve(
          framework,
          safelight.guard((_req, res) => {
            res.writeHead(200, { Trailer: 'X-Sum' }).write('cat');
            res.addTrailers({ 'X-Sum': '7' });
            res.end();
          }),
        );
        assert.equal((await ask(server, '/a')).trailers['x-sum'], '7');
      });

      for (const place of ['outside', 'inside'] as const) {
        it(`compression ${place} of the guard`, async () => {
          const compress = compression({ threshold: 100 });
          const handler: RequestHandler = async (req, res) => {
            res.setHeader('Content-Type', 'text/plain');
            if (req.url === '/missing') res.statusCode = 404;
            await pipeline(Readable.from(chunks()), res);
          };
          const compressed: RequestHandler = (req, res, next) =>
            compress(req, res, () => passErrorsOn(handler)(req, res, next));
          const image = { contentType: 'image/svg+xml', bytes: Buffer.from(`<svg>${' '.repeat(4000)}</svg>`) };
          const { safelight } = scene({ placeholder: image });
          const bare = await serve(framework, compress, handler);
          const guarded =
            place === 'outside'
              ? await serve(framework, compress, safelight.guard(handler))
              : await serve(framework, safelight.guard(compressed));
          const zipped = { headers: { 'Accept-Encoding': 'gzip' } };
          for (const options of [zipped, {}]) {
            const [expected, got] = [await ask(bare, '/a', options), await ask(guarded, '/a', options)];
            const essence = ({ status, headers: { date: _date, ...headers }, body }: typeof got) => [
              status,
              headers,
              body,
            ];
            assert.deepEqual(essence(got), essence(expected));
          }
          for (const held of [false, true]) {
            const reply = await ask(guarded, '/missing', zipped);
            assert.deepEqual([reply.status, isHeld(reply), reply.complete], [404, held, true]);
            const zippedReply = reply.headers['content-encoding'] === 'gzip';
            assert.equal(zippedReply, place === 'outside');
            assert.deepEqual(zippedReply ? gunzipSync(reply.body) : reply.body, image.bytes);
            assert.equal((await ask(guarded, '/missing', { ...zipped, method: 'HEAD' })).status, 404);
          }
        });
      }

      it('a logger in front sees each end once, with the status that the client got', async () => {
        const { safelight } = scene({ timeoutMs: 10 });
        const lines: string[] = [];
        const log: RequestHandler = (req, res, next) => {
          const { writeHead } = res;
          let headed = 0;
          res.writeHead = function loggedWriteHead(this: ServerResponse, ...args: unknown[]) {
            headed += 1;
            return Reflect.apply(writeHead, this, args);
          } as ServerResponse['writeHead'];
          res.once('finish', () => lines.push(`${req.url} ${res.statusCode} ${headed} ${res.statusMessage}`));
          res.once('close', () => lines.push('closed'));
          next();
        };
        const server = await serve(
          framework,
          log,
          safelight.guard((req, res) => {
            if (req.url === '/good') res.end('cat');
            if (req.url === '/missing') res.writeHead(404, 'Mine').end();
            if (req.url === '/throws') throw new Error('broken');
          }),
        );
        for (const path of ['/good', '/missing', '/missing', '/throws', '/hangs']) await ask(server, path);
        assert.deepEqual(
          lines.filter((line) => line !== 'closed'),
          [
            '/good 200 1 OK',
            '/missing 404 1 Not Found',
            '/missing 404 1 Not Found',
            '/throws 500 1 Internal Server Error',
            '/hangs 504 1 Gateway Timeout',
          ],
        );
        assert.equal(lines.filter((line) => line === 'closed').length, 5);
      });

      it('a session in front may set its cookie in writeHead', async () => {
        const { safelight } = scene();
        const session: RequestHandler = (_req, res, next) => {
          const { writeHead } = res;
          res.writeHead = function sessionWriteHead(this: ServerResponse, ...args: unknown[]) {
            res.appendHeader('Set-Cookie', 'session=1');
            return Reflect.apply(writeHead, this, args);
          } as ServerResponse['writeHead'];
          next();
        };
        const server = await serve(
          framework,
          session,
          safelight.guard((req, res) => void res.writeHead(req.url === '/good' ? 200 : 404).end()),
        );
        for (const path of ['/good', '/missing', '/missing']) {
          assert.deepEqual((await ask(server, path)).headers['set-cookie'], ['session=1']);
        }
      });

      it('nested guards for different derivations: both hold the failure, and successes are complete', async () => {
        const { safelight } = scene();
        let runs = 0;
        const inner = safelight.guard(
          (req, res, next) => {
            runs += 1;
            if (req.url === '/missing') res.writeHead(404).end();
            else if (req.url === '/next') next();
            else Readable.from(chunks()).pipe(res);
          },
          { derivation: (req) => `inner ${req.url}` },
        );
        const server = await serve(
          framework,
          safelight.guard(inner),
          safelight.guard((_req, res) => void res.end('second')),
        );
        for (let i = 0; i < 2; i += 1) {
          assert.equal((await ask(server, '/a')).body.length, 14_000);
          const missing = await ask(server, '/missing');
          assert.deepEqual([missing.status, rungOf(missing), isHeld(missing)], [404, 1, i > 0]);
          assert.equal((await ask(server, '/next')).text, 'second');
        }
        assert.equal(runs, 5);
      });

      it('nested guards for the same derivation: only the outer one acts', async () => {
        const { safelight } = scene();
        let runs = 0;
        const handler: RequestHandler = (req, res) => {
          runs += 1;
          res.writeHead(req.url === '/missing' ? 404 : 200, { 'Cache-Control': 'max-age=60' }).end('cat');
        };
        const { guard, middleware } = safelight;
        const cache = { cache: true };
        for (const [stack, expectedRuns] of [
          [[guard(guard(handler))], 3],
          [[middleware(), async (_req, _res, next) => next(), guard(handler)], 3],
          [[guard(guard(handler, cache), cache)], 2],
        ] satisfies readonly (readonly [Stack, number])[]) {
          const server = await serve(framework, ...stack);
          runs = 0;
          await safelight.changed('/missing');
          for (let i = 0; i < 2; i += 1) {
            assert.equal((await ask(server, '/a')).text, 'cat');
            const missing = await ask(server, '/missing');
            assert.deepEqual([missing.status, rungOf(missing), isHeld(missing)], [404, 1, i > 0]);
          }
          assert.equal(runs, expectedRuns);
        }
      });

      it('upgraded connections do not reach the guard', async () => {
        const { safelight } = scene();
        const server = await listen(framework.listenerOf([safelight.guard((_req, res) => void res.end('cat'))]));
        const text = 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';
        const plain = connect(server.port, '127.0.0.1').setEncoding('latin1');
        plain.write(text);
        assert.match(String(await once(plain, 'data')), /^HTTP\/1.1 200/);
        plain.destroy();
        server.server.on('upgrade', (_req, socket) => {
          socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello');
        });
        assert.match(await exchange(server, text), /^HTTP\/1.1 101 [\s\S]*hello$/);
      });
    });
  }
});
