import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingOriginal } from '@safelight/core';
import type { RequestHandler } from '@safelight/http';
import fc from 'fast-check';
import { type AskOptions, ask, isHeld, type Reply, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';
import { createSafelight } from '../../src/create-safelight.ts';

const notFound: RequestHandler = (_req, res) => {
  res.setHeader('ETag', '"theirs"');
  res.setHeader('Last-Modified', new Date(0).toUTCString());
  res.setHeader('Link', '</theirs>');
  res.setHeader('Cache-Control', 'public, immutable');
  res.setHeader('Content-Encoding', 'gzip');
  res.setHeader('Content-Type', 'text/html');
  res.setHeader('Accept-Ranges', 'bytes');
  res.setHeader('Age', '7');
  res.writeHead(404, 'Theirs', { 'X-Theirs': '1', 'Content-Length': '6' }).end('theirs');
};

const asImage: AskOptions = { headers: { 'Sec-Fetch-Dest': 'image', Accept: 'image/avif,image/webp,*/*;q=0.8' } };
const asJson: AskOptions = { headers: { Accept: 'application/json' } };
const nodeHttp = frameworks[2] as Framework;

const rowOf = ({ status, headers }: Reply) => {
  const { date, connection, 'keep-alive': _keepAlive, 'x-powered-by': _poweredBy, ...row } = headers;
  assert.ok(!Number.isNaN(Date.parse(String(date))));
  return { status, ...row };
};

const everywhere = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Age, Cache-Status, Date, ETag, Retry-After, Server-Timing, X-Cld-Error, X-Safelight-Error',
  'timing-allow-origin': '*',
};

describe('guard: responses for failures', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('has exactly the headers of the table, from the run and from memory', async () => {
        const { safelight, clock } = scene();
        const server = await serve(framework, safelight.guard(notFound, { asset: () => 'cat' }));
        const run = rowOf(await ask(server, '/a', asImage));
        const { 'cache-tag': tag, 'cache-groups': groups, ...rest } = run as Record<string, unknown>;
        assert.deepEqual(rest, {
          status: 404,
          ...everywhere,
          'cache-control': 'public, max-age=0, s-maxage=60, stale-while-revalidate=0',
          'x-safelight-error': 'not_found',
          'x-cld-error': 'Not found',
          'server-timing': 'err;desc="not_found", rung;desc="1", heal;dur=60000',
          'cache-status': 'safelight; fwd=uri-miss; fwd-status=404; ttl=60; stored; detail=not_found',
          'retry-after': '60',
          'content-length': '0',
        });
        assert.equal(typeof tag, 'string');
        assert.equal(typeof groups, 'string');
        clock.pass(2500);
        assert.deepEqual(rowOf(await ask(server, '/a', asImage)), {
          ...run,
          'cache-control': 'public, max-age=0, s-maxage=57, stale-while-revalidate=0',
          'server-timing': 'err;desc="not_found", rung;desc="1", heal;dur=58000',
          'cache-status': 'safelight; hit; ttl=57; detail=not_found',
          'retry-after': '58',
        });
        clock.pass(56_700);
        const last = rowOf(await ask(server, '/a', asImage));
        assert.equal(last['cache-control'], 'public, max-age=0, s-maxage=0, stale-while-revalidate=0');
        assert.equal(last['retry-after'], '1');
      });

      it('JSON: problem details, which no cache stores', async () => {
        const { safelight, clock } = scene();
        const server = await serve(framework, safelight.guard(notFound));
        const run = await ask(server, '/a', asJson);
        assert.equal(run.headers['content-type'], 'application/problem+json');
        assert.equal(run.headers['cache-control'], 'no-store');
        const problem = JSON.parse(run.text) as Record<string, unknown>;
        assert.deepEqual(
          [problem['status'], problem['title'], problem['rung'], problem['retry_after']],
          [404, 'Not found', 1, 60],
        );
        assert.equal(problem['next_attempt_at'], new Date(clock() + 60_000).toISOString());
        clock.pass(10_000);
        const held = JSON.parse((await ask(server, '/a', asJson)).text) as Record<string, unknown>;
        assert.deepEqual(
          [held['retry_after'], held['next_attempt_at'], held['failed_since']],
          [50, problem['next_attempt_at'], problem['failed_since']],
        );
      });

      it('media: no body and no type, so that browsers let the page read the reason', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.guard(notFound));
        for (const headers of [
          { 'Sec-Fetch-Dest': 'image' },
          { 'Sec-Fetch-Dest': 'video' },
          { 'Sec-Fetch-Dest': 'audio' },
          { Accept: 'image/webp,*/*' },
        ]) {
          const { status, headers: got, body } = await ask(server, '/a', { headers });
          assert.deepEqual([status, got['content-type'], got['content-length'], body.length], [404, undefined, '0', 0]);
        }
      });

      it('otherwise: one line of text', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.guard(notFound));
        for (const headers of [{}, { Accept: '*/*' }, { Accept: 'text/html,*/*' }, { 'Sec-Fetch-Dest': 'empty' }]) {
          const reply = await ask(server, '/a', { headers });
          assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8');
          assert.equal(reply.text, 'Not found. Next attempt in 60 s, or as soon as the original changes.\n');
          assert.match(String(reply.headers['cache-control']), /^public/);
          assert.equal(reply.headers.vary, undefined);
        }
      });

      it('headers of the application stay, headers of the failed handler are removed', async () => {
        const { safelight } = scene();
        const before: RequestHandler = (_req, res, next) => {
          res.setHeader('X-Request-Id', '7');
          res.setHeader('Vary', 'Origin');
          res.setHeader('Set-Cookie', ['a=1', 'b=2']);
          res.setHeader('Cache-Control', 'private');
          res.setHeader('X-Frame-Options', 'DENY');
          next();
        };
        const server = await serve(
          framework,
          before,
          safelight.guard((req, res, next) => {
            res.appendHeader('Link', '</theirs>');
            res.removeHeader('Set-Cookie');
            res.removeHeader('Vary');
            res.removeHeader('X-Frame-Options');
            res.setHeader('X-Request-Id', 'theirs');
            return notFound(req, res, next);
          }),
        );
        for (const reply of [await ask(server, '/a'), await ask(server, '/a')]) {
          const { headers } = reply;
          assert.doesNotMatch(JSON.stringify(headers), /theirs|gzip|immutable/i);
          assert.deepEqual(
            [headers['x-request-id'], headers.vary, headers['set-cookie'], headers['x-frame-options']],
            ['7', 'Origin', ['a=1', 'b=2'], 'DENY'],
          );
          // The cookies make it private.
          assert.match(String(headers['cache-control']), /^private, max-age=0/);
          for (const name of ['etag', 'last-modified', 'accept-ranges', 'age', 'content-encoding']) {
            assert.equal(headers[name], undefined, name);
          }
        }
      });

      it('CORS fields of the application stay', async () => {
        const { safelight } = scene();
        const cors: RequestHandler = (_req, res, next) => {
          res.setHeader('Access-Control-Allow-Origin', 'https://app.example');
          res.setHeader('Access-Control-Allow-Credentials', 'true');
          res.setHeader('Cross-Origin-Resource-Policy', 'same-site');
          next();
        };
        const server = await serve(framework, cors, safelight.guard(notFound));
        for (const { headers } of [await ask(server, '/a'), await ask(server, '/a')]) {
          assert.equal(headers['access-control-allow-origin'], 'https://app.example');
          assert.equal(headers['access-control-allow-credentials'], 'true');
          assert.equal(headers['cross-origin-resource-policy'], 'same-site');
          assert.equal(headers['timing-allow-origin'], '*');
        }
      });

      it('a placeholder has the status of the error and no validator, and never becomes a 304', async () => {
        const bytes = Buffer.from('png bytes');
        const { safelight } = scene({ placeholder: { contentType: 'image/png', bytes } });
        const server = await serve(framework, safelight.guard(notFound));
        for (const held of [false, true]) {
          for (const headers of [
            {},
            { 'If-None-Match': '*' },
            { 'If-None-Match': '"theirs"' },
            { Range: 'bytes=0-1' },
          ]) {
            const reply = await ask(server, `/${held}`, { headers: { ...asImage.headers, ...headers } });
            assert.deepEqual(
              [reply.status, reply.headers['content-type'], reply.text],
              [404, 'image/png', 'png bytes'],
            );
            assert.equal(reply.headers.etag, undefined);
            assert.equal(reply.headers['last-modified'], undefined);
            assert.match(String(reply.headers['server-timing']), /, placeholder$/);
            assert.match(String(reply.headers['cache-control']), /^public, max-age=0, s-maxage=60/);
          }
        }
        assert.equal(isHeld(await ask(server, '/true', asImage)), true);
        assert.equal((await ask(server, '/true', asJson)).headers['content-type'], 'application/problem+json');
        const head = await ask(server, '/true', { ...asImage, method: 'HEAD' });
        assert.deepEqual([head.body.length, head.headers['content-length']], [0, String(bytes.length)]);
      });

      it('a placeholder is not sent for errors that are never held', async () => {
        const { safelight } = scene({ placeholder: 'drawn' });
        const server = await serve(
          framework,
          safelight.guard((_req, res) => void res.writeHead(429).end('mine')),
        );
        assert.equal((await ask(server, '/a', asImage)).text, 'mine');
      });
    });
  }

  describe('placeholders', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'safelight-guard-'));
    });
    after(() => rm(folder, { recursive: true }));

    it('drawn or from an SVG file: with a policy that forbids scripts', async () => {
      const file = join(folder, 'missing.svg');
      await writeFile(file, '<svg xmlns="http://www.w3.org/2000/svg"/>');
      for (const placeholder of ['drawn', file]) {
        const { safelight } = scene({ placeholder });
        const server = await serve(nodeHttp, safelight.guard(notFound));
        const { status, headers, text } = await ask(server, '/a', asImage);
        assert.deepEqual([status, headers['content-type']], [404, 'image/svg+xml']);
        assert.match(String(headers['content-security-policy']), /default-src 'none'.*sandbox/);
        assert.match(text, /^<svg/);
      }
    });

    it('from a JPEG file: with its type, and without a policy', async () => {
      const file = join(folder, 'missing.JPG');
      await writeFile(file, 'jpeg bytes');
      const { safelight } = scene({ placeholder: file });
      const server = await serve(nodeHttp, safelight.guard(notFound));
      const { headers, text } = await ask(server, '/a', asImage);
      assert.deepEqual([headers['content-type'], text], ['image/jpeg', 'jpeg bytes']);
      assert.equal(headers['content-security-policy'], undefined);
    });

    it('with placeholderStatus 200: marked as an error, and shared for at most a minute', async () => {
      const { safelight } = scene({ placeholder: 'drawn', placeholderStatus: 200 });
      const server = await serve(nodeHttp, safelight.guard(notFound));
      for (const reply of [await ask(server, '/a', asImage), await ask(server, '/a', asImage)]) {
        assert.deepEqual([reply.status, reply.headers['x-safelight-error'], rungOf(reply)], [200, 'not_found', 1]);
        assert.match(String(reply.headers['server-timing']), /placeholder$/);
        assert.equal(reply.headers['cache-control'], 'public, max-age=0, s-maxage=60, stale-while-revalidate=0');
      }
      assert.equal((await ask(server, '/a', asJson)).status, 404);
    });
  });

  describe('options that cannot work are refused at creation, with a message', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ placeholder: 'missing.bmp' }, /placeholder is "missing\.bmp"; it must be 'drawn', 'none' or an image file/],
      [{ placeholder: '/nowhere/missing.svg' }, /placeholder file "\/nowhere\/missing\.svg" cannot be read/],
      [{ placeholderStatus: 204 }, /placeholderStatus is 204; it must be 'error' or 200\.$/],
      [{ placeholderStatus: '200' }, /placeholderStatus is "200"; it must be 'error' or 200/],
      [
        { timeoutMs: 0 },
        /^createSafelight\(\): timeoutMs is 0; it must be a finite number of milliseconds from 1 to 2147483647\.$/,
      ],
      [{ timeoutMs: Number.NaN }, /timeoutMs is NaN/],
      [
        { timeoutMs: 2 ** 31 },
        /timeoutMs is 2147483648; it must be a finite number of milliseconds from 1 to 2147483647/,
      ],
      [{ maxWaiters: 0 }, /maxWaiters is 0/],
      [{ backoff: { permanent: { firstMs: 0 } } }, /backoff\.permanent\.firstMs is 0/],
      [
        { backoff: { transient: { firstMs: 10_000, maxMs: 1000 } } },
        /backoff\.transient\.firstMs \(10000\) is longer than backoff\.transient\.maxMs \(1000\)/,
      ],
    ];
    for (const [options, message] of cases) {
      it(JSON.stringify(options), () => {
        assert.throws(() => createSafelight(options as never), { message });
      });
    }
  });

  it('the first window and its maximum are options', async () => {
    const { safelight, clock } = scene({ backoff: { permanent: { firstMs: 5000, maxMs: 8000 } } });
    const server = await serve(nodeHttp, safelight.guard(notFound));
    assert.equal((await ask(server, '/a')).headers['retry-after'], '5');
    clock.pass(5000);
    assert.equal((await ask(server, '/a')).headers['retry-after'], '8');
  });

  it('X-Cld-Error is one line of printable ASCII for any name of an asset', async () => {
    const { safelight } = scene();
    let name = '';
    const server = await serve(
      nodeHttp,
      safelight.guard(
        () => {
          throw missingOriginal(name);
        },
        { asset: () => name },
      ),
    );
    const hostile = [
      'a\r\nSet-Cookie: x=1',
      'a"b\\c',
      'kätzchen 🐈',
      '\u0000\u007f\u2028',
      '"; a',
      ','.repeat(50),
      'é'.repeat(5000),
    ];
    const names = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(names, async (text) => {
        name = text;
        const { status, headers } = await ask(server, '/a');
        assert.equal(status, 404);
        assert.match(String(headers['x-cld-error']), /^Resource not found -[\x20-\x7e]*$/);
        assert.match(String(headers['cache-tag']), /^[a-z0-9._,-]+$/);
        assert.equal(headers['set-cookie'], undefined);
        for (const value of Object.values(headers)) assert.match(String(value), /^[\x20-\x7e]*$/);
      }),
      { numRuns: 25, examples: hostile.map((text) => [text]) },
    );
  });

  it('calls onError for crashes and timeouts only', async () => {
    const { safelight, faults } = scene({ timeoutMs: 20 });
    const crash = new Error('broken');
    const server = await serve(
      nodeHttp,
      safelight.guard(async (req, res, next) => {
        if (req.url === '/crash') throw crash;
        if (req.url === '/hang') return;
        if (req.url === '/missing') throw missingOriginal('cat');
        if (req.url === '/next') return next(crash);
        res.writeHead(502).end();
      }),
    );
    await ask(server, '/missing');
    await ask(server, '/502');
    assert.deepEqual(faults, []);
    await ask(server, '/crash');
    await ask(server, '/crash');
    assert.deepEqual(faults, [crash]);
    await ask(server, '/next');
    assert.deepEqual(faults, [crash, crash]);
    await ask(server, '/hang');
    assert.match(String(faults[2]), /took longer than 20 ms/);
    assert.equal(faults.length, 3);
  });
});
