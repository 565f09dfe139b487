import assert from 'node:assert/strict';
import type { RequestHandler } from '@safelight/http';
import { ask } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

describe('guard with cache: a 304 of the handler', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      /** The handler sends the picture for a request without conditions, and otherwise this 304. */
      const setUp = async (notModified: Readonly<Record<string, string>>) => {
        const { safelight, clock } = scene();
        let count = 0;
        const requestIds: RequestHandler = (_req, res, next) => {
          count += 1;
          res.setHeader('X-Request-Id', `r${count}`);
          next();
        };
        const handler = counted((req, res) => {
          const isAsked = req.headers['if-none-match'] !== undefined;
          if (isAsked) res.writeHead(304, notModified).end();
          else res.writeHead(200, { ETag: '"cat"', 'Cache-Control': 'max-age=10' }).end(`picture ${handler.runs}`);
        });
        const server = await serve(framework, requestIds, safelight.guard(handler, { cache: true }));
        return { clock, handler, server };
      };

      it('confirms the cached bytes and updates fields, except those of the request that started the run', async () => {
        const { clock, handler, server } = await setUp({
          ETag: '"cat"',
          'Cache-Control': 'max-age=20',
          'X-New': 'yes',
        });
        await ask(server, '/');
        clock.pass(10_000);
        const confirmed = await ask(server, '/');
        assert.deepEqual([confirmed.status, confirmed.text, confirmed.headers['x-new']], [200, 'picture 1', 'yes']);
        clock.pass(19_000);
        const hit = await ask(server, '/');
        assert.deepEqual([hit.text, hit.headers['x-request-id'], handler.runs], ['picture 1', 'r3', 2]);
      });

      it('about another response: the handler runs for the whole picture, and no unconditional request gets a 304', async () => {
        const { clock, handler, server } = await setUp({ ETag: '"dog"' });
        await ask(server, '/');
        clock.pass(10_000);
        const { status, text } = await ask(server, '/');
        assert.deepEqual([status, text, handler.runs], [200, 'picture 3', 3]);
      });

      it('with no-store: the handler runs for the whole picture', async () => {
        const { clock, server } = await setUp({ ETag: '"cat"', 'Cache-Control': 'no-store' });
        await ask(server, '/');
        clock.pass(10_000);
        const { status, text } = await ask(server, '/');
        assert.deepEqual([status, text], [200, 'picture 3']);
      });

      it('with a new Vary: cached for requests with the same values, and revalidated for others', async () => {
        const { clock, handler, server } = await setUp({
          ETag: '"cat"',
          'Cache-Control': 'max-age=20',
          Vary: 'Accept',
        });
        await ask(server, '/', { headers: { accept: 'image/webp' } });
        clock.pass(10_000);
        assert.equal((await ask(server, '/', { headers: { accept: 'image/webp' } })).text, 'picture 1');
        assert.equal((await ask(server, '/', { headers: { accept: 'image/webp' } })).text, 'picture 1');
        assert.equal(handler.runs, 2);
        assert.equal((await ask(server, '/', { headers: { accept: 'image/avif' } })).text, 'picture 1');
        assert.equal(handler.runs, 3);
      });
    });
  }
});
