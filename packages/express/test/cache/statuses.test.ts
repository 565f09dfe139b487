import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { ask, isHeld, type Reply } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

/** What a client sees of a response, besides the fields of the cache and of the connection. */
function seen({ status, headers, text }: Reply) {
  const { age, 'cache-status': cacheStatus, date, connection, 'transfer-encoding': coding, ...own } = headers;
  return { status, text, headers: own };
}

const lifetimes: readonly Readonly<Record<string, string>>[] = [
  { 'Cache-Control': 'max-age=60' },
  { 'Cache-Control': 's-maxage=60, max-age=0' },
  { Expires: new Date(Date.UTC(2026, 0, 1, 0, 1)).toUTCString() },
];

const redirects = [300, 301, 302, 303, 307, 308];

/** Responds with a status, and with a text and a location that tell the runs apart. */
const responding = (status: number, fields: Readonly<Record<string, string>>) =>
  counted((_req, res) => {
    const location = redirects.includes(status) ? { Location: `../b?run=1&sig=%2F` } : {};
    res.writeHead(status, { 'Content-Type': 'text/plain', 'X-Own': 'yes', ...location, ...fields });
    res.end(status === 204 ? undefined : 'see there');
  });

describe('guard with cache: other statuses than 200', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const status of [203, 204, 299, ...redirects]) {
        it(`${status} with a lifetime: cached whole, for that time`, async () => {
          for (const fields of lifetimes) {
            const { safelight, clock } = scene();
            const work = responding(status, { Date: new Date(clock()).toUTCString(), ...fields });
            const server = await serve(framework, safelight.guard(work, { cache: true }));
            const first = await ask(server, '/a');
            assert.equal(first.status, status);
            assert.match(String(first.headers['cache-status']), /fwd=uri-miss; fwd-status=\d+; stored/);
            clock.pass(59_999);
            const again = await ask(server, '/a');
            assert.deepEqual([isHeld(again), again.headers.age, work.runs], [true, '59', 1]);
            assert.deepEqual(withoutGenerated(seen(again)), withoutGenerated(seen(first)));
            clock.pass(1);
            assert.deepEqual([isHeld(await ask(server, '/a')), work.runs], [false, 2]);
          }
        });
      }

      it('203 without a lifetime is cached like 200; 204 and redirects are not', async () => {
        for (const status of [203, 204, ...redirects]) {
          const work = responding(status, {});
          const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
          for (let i = 1; i < 4; i += 1) assert.equal((await ask(server, '/a')).status, status);
          assert.equal(work.runs, status === 203 ? 1 : 3, String(status));
        }
      });

      it('an empty redirect and a 204 get no ETag, no length of a body, and no part', async () => {
        for (const status of [204, 301]) {
          const work: RequestHandler = (_req, res) =>
            void res.writeHead(status, { Location: '/b', 'Cache-Control': 'max-age=60' }).end();
          const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
          for (const held of [false, true]) {
            const reply = await ask(server, '/a', { headers: { Range: 'bytes=0-0', 'If-None-Match': '"a"' } });
            assert.deepEqual([reply.status, reply.text, isHeld(reply)], [status, '', held]);
            assert.deepEqual([reply.headers.etag, reply.headers['accept-ranges']], [undefined, undefined]);
            if (status === 204) assert.equal(reply.headers['content-length'], undefined);
          }
        }
      });

      it('HEAD gets the head of the cached redirect', async () => {
        const work = responding(301, { 'Cache-Control': 'max-age=60' });
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        await ask(server, '/a');
        const reply = await ask(server, '/a', { method: 'HEAD' });
        assert.deepEqual([reply.status, reply.headers.location, reply.text], [301, '../b?run=1&sig=%2F', '']);
        assert.deepEqual([isHeld(reply), work.runs], [true, 1]);
      });

      it('a redirect ignores conditions (RFC 9110 section 13.2.1)', async () => {
        const work = responding(308, { 'Cache-Control': 'max-age=60', ETag: '"a"' });
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        for (let i = 0; i < 2; i += 1) {
          const reply = await ask(server, '/a', { headers: { 'If-None-Match': '"a"', 'If-Match': '"b"' } });
          assert.deepEqual([reply.status, reply.text, work.runs], [308, 'see there', 1]);
        }
      });

      it('a stale redirect does not replace an error, unless it says so', async () => {
        for (const [cacheControl, expected] of [
          ['max-age=60', 500],
          ['max-age=60, stale-if-error=60', 302],
        ] as const) {
          const { safelight, clock } = scene();
          const work = counted((_req, res) => {
            if (work.runs > 1) res.writeHead(500).end();
            else res.writeHead(302, { Location: '/signed', 'Cache-Control': cacheControl }).end();
          });
          const server = await serve(framework, safelight.guard(work, { cache: true }));
          assert.equal((await ask(server, '/a')).status, 302);
          clock.pass(60_000);
          assert.equal((await ask(server, '/a')).status, expected);
        }
      });

      it('404 and 410 stay failures, with any lifetime', async () => {
        for (const status of [404, 410]) {
          const work = responding(status, { 'Cache-Control': 'max-age=3600' });
          const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
          await ask(server, '/a');
          const reply = await ask(server, '/a');
          assert.match(String(reply.headers['cache-status']), /detail=/);
          assert.deepEqual([reply.status, work.runs], [status, 1]);
        }
      });
    });
  }
});

/** With a body, the guard adds its own ETag, and the length when the whole body is known. */
function withoutGenerated({ headers, ...rest }: ReturnType<typeof seen>) {
  const { etag, 'content-length': length, 'keep-alive': alive, 'accept-ranges': ranges, ...own } = headers;
  return { ...rest, headers: own };
}
