import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { arrivals } from '../../../../test/servers/arrivals.ts';
import { ask, exchange, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

/** A handler with ranges and conditional requests that refuses HEAD. */
const picture: RequestHandler = (req, res) => {
  if (req.method === 'HEAD') return void res.writeHead(405).end();
  if (req.headers['if-none-match'] === '"1"') return void res.writeHead(304, { ETag: '"1"' }).end();
  if (req.headers.range !== undefined) {
    return void res.writeHead(206, { 'Content-Range': 'bytes 0-0/6', 'Content-Length': 1 }).end('w');
  }
  const headers = { ETag: '"1"', 'Cache-Control': 'max-age=60', 'Content-Type': 'image/png' };
  return void res.writeHead(200, headers).end('whole!');
};

describe('guard with cache: kinds of requests', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      const firsts = {
        'conditional first': { headers: { 'If-None-Match': '"1"' } },
        'conditional by date first': { headers: { 'If-Modified-Since': new Date().toUTCString() } },
        'range first': { headers: { Range: 'bytes=0-0' } },
        'If-Range first': { headers: { Range: 'bytes=0-0', 'If-Range': '"1"' } },
        'a failing precondition first': { headers: { 'If-Match': '"2"' } },
        'GET first': {},
      } as const;
      for (const [what, options] of Object.entries(firsts)) {
        it(`${what}: the whole picture is cached and serves ranges, conditions and HEAD`, async () => {
          const work = counted(picture);
          const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
          const first = await ask(server, '/a', options);
          const status = { 'conditional first': 304, 'a failing precondition first': 412 }[what as string] ?? 200;
          assert.equal(first.status, status);
          assert.equal(first.text, status !== 200 ? '' : 'whole!');
          const whole = await ask(server, '/a');
          assert.deepEqual([whole.status, whole.text, isHeld(whole)], [200, 'whole!', true]);
          assert.equal((await ask(server, '/a', { headers: { 'If-None-Match': '"1"' } })).status, 304);
          assert.equal((await ask(server, '/a', { headers: { 'If-None-Match': '"2"' } })).status, 200);
          const part = await ask(server, '/a', { headers: { Range: 'bytes=1-3' } });
          assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, 'hol', 'bytes 1-3/6']);
          const head = await ask(server, '/a', { method: 'HEAD' });
          assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '6']);
          assert.equal((await ask(server, '/a', { headers: { Range: 'bytes=9-' } })).status, 416);
          assert.equal(work.runs, 1);
        });
      }

      it('HEAD first: the handler responds to it, nothing is held or cached, and the next GET is cached for all', async () => {
        const work = counted(picture);
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (let i = 1; i < 3; i += 1) {
          const first = await ask(server, '/a', { method: 'HEAD' });
          assert.deepEqual([first.status, first.text, first.headers['cache-status']], [405, '', undefined]);
          assert.equal(work.runs, i);
        }
        for (let i = 0; i < 2; i += 1) {
          const whole = await ask(server, '/a');
          assert.deepEqual([whole.status, whole.text, isHeld(whole)], [200, 'whole!', i === 1]);
        }
        const head = await ask(server, '/a', { method: 'HEAD' });
        assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '6']);
        assert.deepEqual([isHeld(head), work.runs], [true, 3]);
      });

      it('HEAD joins no run', async () => {
        const gate = Promise.withResolvers<void>();
        const work = counted(async (req, res, next) => {
          if (req.method === 'GET') await gate.promise;
          return picture(req, res, next);
        });
        const { options, all } = arrivals();
        const server = await serve(framework, scene().safelight.guard(work, { ...options, cache: true }));
        const whole = ask(server, '/a');
        await all(1);
        assert.equal((await ask(server, '/a', { method: 'HEAD' })).status, 405);
        gate.resolve();
        assert.deepEqual([(await whole).text, work.runs], ['whole!', 2]);
        assert.equal(isHeld(await ask(server, '/a')), true);
      });

      it('the handler gets a GET for the whole picture, with the fields that select a response and those in forward and vary', async () => {
        const seen: unknown[] = [];
        const server = await serve(
          framework,
          scene().safelight.guard(
            (req, res) => {
              const { host: _, connection: _c, ...headers } = req.headers;
              const raw = req.rawHeaders.filter((_name, i) => i % 2 === 0).map((name) => name.toLowerCase());
              seen.push(req.method, req.url, req.httpVersion, req.complete, headers, raw.toSorted());
              res.end('cat');
            },
            { cache: true, forward: ['X-A', 'If-Match', 'Range'], vary: ['X-B'] },
          ),
        );
        const conditions = { 'If-None-Match': '"1"', 'If-Modified-Since': 'x', Range: 'bytes=0-0', 'If-Range': '"1"' };
        await ask(server, '/a?b=1', {
          headers: {
            ...conditions,
            ...{ 'If-Match': '"1"', 'If-Unmodified-Since': 'x' },
            ...{ 'X-A': '1', 'X-B': '2', 'X-C': '3', Cookie: 'a=1', 'User-Agent': 'cat', 'X-Forwarded-For': '1.2.3.4' },
            ...{ Accept: 'image/avif', 'Accept-Language': 'de', 'Sec-CH-DPR': '2', traceparent: '00-1' },
          },
        });
        const selecting = { accept: 'image/avif', 'accept-language': 'de', 'sec-ch-dpr': '2', traceparent: '00-1' };
        const headers = { ...selecting, 'x-a': '1', 'x-b': '2' };
        assert.deepEqual(seen, ['GET', '/a?b=1', '1.1', true, headers, ['host', ...Object.keys(headers)].toSorted()]);
      });

      it('cache directives of a client do not run the handler', async () => {
        const work = counted(picture);
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        await ask(server, '/a');
        for (const headers of [
          { 'Cache-Control': 'no-cache' },
          { 'Cache-Control': 'max-age=0' },
          { Pragma: 'no-cache' },
          { Cookie: 'a=1' },
        ]) {
          assert.equal((await ask(server, '/a', { headers })).text, 'whole!');
        }
        assert.equal(work.runs, 1);
      });

      it('a request with no-store (RFC 9111 section 5.2.1.5) has its own run', async () => {
        const work = counted(picture);
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        const options = { headers: { 'Cache-Control': 'no-store' } };
        assert.equal((await ask(server, '/a', options)).text, 'whole!');
        assert.equal((await ask(server, '/a', options)).text, 'whole!');
        assert.equal(work.runs, 2);
      });

      it('with Authorization, private, or without an asset: the handler responds, and nothing is cached', async () => {
        const work = counted(picture);
        const guard = scene().safelight.guard(work, {
          cache: true,
          asset: (req) => (req.url === '/none' ? undefined : req.url),
          isPrivate: (req) => req.url === '/mine',
        });
        const server = await serve(framework, guard);
        const bearer = { headers: { Authorization: 'Bearer 1' } };
        for (const [path, options] of [['/a', bearer] as const, ['/mine', {}] as const, ['/none', {}] as const]) {
          for (let i = 0; i < 2; i += 1) {
            const reply = await ask(server, path, options);
            assert.deepEqual(
              [reply.text, reply.headers['cache-status'], reply.headers['age']],
              ['whole!', undefined, undefined],
            );
          }
        }
        assert.equal(work.runs, 6);
      });

      it('the exact URL with its query is the key', async () => {
        const work = counted((req, res) => void res.end(req.url));
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (const path of ['/a', '/a?w=1', '/a?w=2', '/b']) {
          assert.equal((await ask(server, path)).text, path);
          assert.equal((await ask(server, path)).text, path);
        }
        assert.equal(work.runs, 4);
      });

      it('HTTP/1.0 and reused connections get the same', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.guard(picture, { cache: true }));
        for (const host of ['', 'Host: a\r\n', '', 'Host: a\r\n']) {
          const old = await exchange(server, `GET /a HTTP/1.0\r\n${host}\r\n`);
          assert.match(old, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nwhole!$/);
          const twice = await exchange(
            server,
            'GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
          );
          assert.equal(twice.match(/whole!/g)?.length, 2);
        }
      });
    });
  }
});
