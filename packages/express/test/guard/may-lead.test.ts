import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { ask, exchange, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const missing: RequestHandler = (_req, res) => void res.writeHead(404).end('missing');

/** The rest of a request after its `Host`. */
const unusual: Readonly<Record<string, string>> = {
  'a body': 'Content-Length: 1\r\n\r\nx',
  'a body of unknown length': 'Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
  'an announced body of which nothing comes': 'Content-Length: 50\r\n\r\n',
  Trailer: 'Trailer: X\r\n\r\n',
  'TE other than trailers': 'TE: gzip\r\n\r\n',
  'Connection that names a field': 'Connection: close, X-Tenant\r\nX-Tenant: a\r\n\r\n',
  'X-HTTP-Method-Override': 'X-HTTP-Method-Override: DELETE\r\n\r\n',
  'X-Method-Override': 'X-Method-Override: PUT\r\n\r\n',
  'more than 8 kB of fields': `X-Long: ${'x'.repeat(8192)}\r\n\r\n`,
};

describe('guard: requests that are never a reason to hold a failure', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const cache of [false, true]) {
        for (const [what, rest] of Object.entries(unusual)) {
          it(`${what}${cache ? ', with cache' : ''}: runs by itself, records nothing, and gets what is held`, async () => {
            const work = counted(missing);
            const server = await serve(framework, scene().safelight.guard(work, { cache }));
            const request = `GET /cat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${rest}`;
            for (let time = 0; time < 2; time += 1) {
              assert.match(await exchange(server, request), /^HTTP\/1\.1 404 [\s\S]*missing/);
            }
            assert.equal(work.runs, 2);
            assert.equal(isHeld(await ask(server, '/cat')), false);
            assert.equal(isHeld(await ask(server, '/cat')), true);
            assert.match(await exchange(server, request), /^HTTP\/1\.1 404 [\s\S]*safelight; hit/i);
            assert.equal(work.runs, 3);
          });
        }
      }

      it('the bytes of a field in vary do not count', async () => {
        const work = counted(missing);
        const server = await serve(framework, scene().safelight.guard(work, { vary: ['Cookie'] }));
        const headers = { Cookie: 'x'.repeat(9000) };
        await ask(server, '/cat', { headers });
        assert.deepEqual([isHeld(await ask(server, '/cat', { headers })), work.runs], [true, 1]);
      });
    });
  }
});
