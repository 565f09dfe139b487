import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import fc from 'fast-check';
import { ask, askAndStay, isHeld, type Reply, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';
import type { ErrorResponse } from '../../src/guard/missing-original.ts';

const header = 'X-Safelight-Missing-Original';
const nodeHttp = frameworks[2] as Framework;
const widens = 'every size is held';
const narrow = 'only this one is held';

/** `/cat/300` is a size of the asset `cat`. */
const asset = ({ url = '' }: IncomingMessage) => decodeURIComponent(url.split('/')[1] ?? '');

const codeOf = ({ headers }: Reply) => headers['x-safelight-error'];

/** Requests two sizes, and returns whether the error of the first one is held for the second one too. */
async function reachOf(handler: RequestHandler, options: GuardRouteOptions = {}, path = '/cat') {
  const { safelight, faults } = scene();
  const work = counted(handler);
  const server = await serve(nodeHttp, safelight.guard(work, { asset, ...options }));
  const first = await ask(server, `${path}/300`);
  const second = await ask(server, `${path}/400`);
  await server.close();
  return { reach: work.runs === 1 && isHeld(second) ? widens : narrow, code: codeOf(first), first, faults };
}

describe('guard: evidence of a missing original', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('by the header: one run for fifty sizes, until changed', async () => {
        const { safelight, clock } = scene();
        let there = false;
        const work = counted((_req, res) => {
          if (there) res.end('the cat');
          else res.writeHead(404, { [header]: '1' }).end('no cat');
        });
        const server = await serve(framework, safelight.guard(work, { asset }));
        const sizes = Array.from({ length: 50 }, (_, index) => `/cat/${index}`);
        for (const size of sizes) {
          const reply = await ask(server, size);
          assert.deepEqual([reply.status, codeOf(reply), rungOf(reply)], [404, 'missing_original', 1]);
          assert.equal(reply.headers[header.toLowerCase()], undefined);
        }
        assert.equal(work.runs, 1);
        assert.equal((await ask(server, '/dog/1')).status, 404);
        assert.equal(work.runs, 2);

        clock.pass(60_000);
        const second = await ask(server, '/cat/17');
        assert.deepEqual([rungOf(second), second.headers['retry-after'], work.runs], [2, '120', 3]);
        clock.pass(120_000);
        await Promise.all(sizes.map((size) => ask(server, size)));
        assert.equal(work.runs, 4);
        there = true;
        await safelight.changed('cat');
        for (const size of sizes) assert.equal((await ask(server, size)).text, 'the cat');
      });

      it('by a test of the body, which is read to its end and never sent', async () => {
        const { safelight } = scene();
        const middle = Promise.withResolvers<void>();
        const work = counted(async (_req, res) => {
          res.writeHead(404);
          res.write('{"error":"no such');
          await middle.promise;
          res.end(' source"}');
        });
        const isMissingOriginal = async (response: ErrorResponse) => (await response.body()).includes('no such source');
        const server = await serve(framework, safelight.guard(work, { asset, isMissingOriginal }));
        const asked = ask(server, '/cat/300');
        middle.resolve();
        const reply = await asked;
        assert.deepEqual([reply.status, codeOf(reply)], [404, 'missing_original']);
        assert.doesNotMatch(reply.text, /no such/);
        assert.equal(isHeld(await ask(server, '/cat/400')), true);
        assert.equal(work.runs, 1);
      });
    });
  }

  const coming =
    (status: number, value?: string | string[]): RequestHandler =>
    (_req, res) => {
      if (value !== undefined) res.setHeader(header, value);
      res.writeHead(status).end();
    };

  describe('the header', () => {
    const rows: readonly (readonly [status: number, value: string | string[], reach: string, path?: string])[] = [
      [404, '1', widens],
      [404, 'true', widens],
      [410, '1', widens],
      [404, ' 1 ', widens],
      [404, 'cat', widens],
      [404, 'folder%2Fcat%20one', widens, '/folder%2Fcat%20one'],
      [404, 'folder/cat one', widens, '/folder%2Fcat%20one'],
      [404, '100%', widens, '/100%25'],
      [404, '0', narrow],
      [404, '', narrow],
      [404, 'false', narrow],
      [404, 'dog', narrow],
      [404, 'cats', narrow],
      [404, ['1', 'dog'], narrow],
      [404, 'dog, 1', narrow],
      [400, '1', narrow],
      [403, '1', narrow],
      [422, '1', narrow],
      [500, '1', narrow],
      [503, 'cat', narrow],
    ];
    for (const [status, value, reach, path] of rows) {
      it(`${status} ${JSON.stringify(value)}${path === undefined ? '' : ` to ${path}`}: ${reach}`, async () => {
        assert.equal((await reachOf(coming(status, value), {}, path)).reach, reach);
      });
    }

    it('is read from each form of writeHead, in upper and lower case', async () => {
      const forms: readonly RequestHandler[] = [
        (_req, res) => void res.writeHead(404, 'Gone fishing', { 'x-safelight-missing-ORIGINAL': '1' }).end(),
        (_req, res) => void res.writeHead(404, ['X-Theirs', '2', header, '1']).end(),
        (_req, res) => void res.setHeader(header, '1').writeHead(404, { 'X-Theirs': '2' }).end(),
        (_req, res) => {
          res.statusCode = 404;
          res.setHeader(header, '1');
          res.end('no cat');
        },
      ];
      for (const form of forms) assert.equal((await reachOf(form)).reach, widens);
    });

    it('has no effect on a success, and reaches the client unchanged', async () => {
      const { first } = await reachOf(coming(200, '1'));
      assert.equal(first.headers[header.toLowerCase()], '1');
    });

    it('without the option asset, it is about the path', async () => {
      const { safelight } = scene();
      const work = counted(coming(404, '1'));
      const server = await serve(nodeHttp, safelight.guard(work));
      await ask(server, '/cat?w=1');
      await ask(server, '/cat?w=2');
      assert.equal(work.runs, 1);
      await ask(server, '/dog?w=1');
      assert.equal(work.runs, 2);
    });

    it('does not change the Retry-After of the handler', async () => {
      const { first } = await reachOf((_req, res) => {
        res.writeHead(404, { [header]: '1', 'Retry-After': '7' }).end();
      });
      assert.deepEqual([first.headers['retry-after'], codeOf(first)], ['7', 'missing_original']);
    });
  });

  describe('isMissingOriginal', () => {
    it('gets status, message and headers; if it returns true, the client gets a 404', async () => {
      const seen: unknown[] = [];
      const handler: RequestHandler = (_req, res) => {
        res.setHeader('X-List', ['a', 'b']);
        res.writeHead(500, 'NoSuchKey', { 'X-Number': 7 }).end();
      };
      const { reach, first } = await reachOf(handler, {
        isMissingOriginal({ status, statusMessage, header: read }) {
          seen.push(status, statusMessage, read('x-number'), read('X-LIST'), read('x-none'));
          return statusMessage === 'NoSuchKey';
        },
      });
      assert.deepEqual([reach, first.status, codeOf(first)], [widens, 404, 'missing_original']);
      assert.deepEqual(seen, [500, 'NoSuchKey', '7', 'a, b', undefined]);
    });

    it('is not called for successes and errors that are never held', async () => {
      const asked: number[] = [];
      const isMissingOriginal = ({ status }: ErrorResponse) => asked.push(status) > 0;
      for (const status of [200, 304, 401, 403, 416, 429, 500]) {
        const { safelight } = scene();
        const server = await serve(nodeHttp, safelight.guard(coming(status), { asset, isMissingOriginal }));
        await ask(server, '/cat/300', { headers: { Cookie: 'a=b' } });
      }
      assert.deepEqual(asked, [500]);
    });

    it('counts as false when it throws or rejects, and onError gets the error', async () => {
      const broken = new Error('broken test');
      const tests = [
        () => {
          throw broken;
        },
        () => Promise.reject(broken),
        // biome-ignore lint/suspicious/noThenProperty: a promise of another library.
        () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(broken) }) as never,
      ];
      for (const isMissingOriginal of tests) {
        const { reach, code, faults } = await reachOf(coming(404), { isMissingOriginal });
        assert.deepEqual([reach, code, faults], [narrow, 'not_found', [broken, broken]]);
      }
    });

    it('undefined counts as false', async () => {
      const { reach, code, faults } = await reachOf(coming(404), { isMissingOriginal: () => undefined as never });
      assert.deepEqual([reach, code, faults], [narrow, 'not_found', []]);
    });

    it('works with cache, where the handler writes to a stand-in', async () => {
      const handler: RequestHandler = (_req, res) => void res.writeHead(404, 'NoSuchKey').end('no such source');
      const byMessage = ({ statusMessage }: ErrorResponse) => statusMessage === 'NoSuchKey';
      const byBody = async (response: ErrorResponse) => (await response.body()) === 'no such source';
      for (const isMissingOriginal of [byMessage, byBody]) {
        const { reach, code } = await reachOf(handler, { isMissingOriginal, cache: true });
        assert.deepEqual([reach, code], [widens, 'missing_original']);
      }
      assert.equal((await reachOf(coming(404, 'cat'), { cache: true })).reach, widens);
    });

    it('works in middleware, for the response of the application', async () => {
      const { safelight } = scene();
      const work = counted((_req, res) => void res.writeHead(404, 'NoSuchKey').end());
      const middleware = safelight.middleware({
        asset,
        isMissingOriginal: ({ statusMessage }) => statusMessage === 'NoSuchKey',
      });
      const server = await serve(nodeHttp, middleware, work);
      await ask(server, '/cat/300');
      await ask(server, '/cat/400');
      assert.equal(work.runs, 1);
    });
  });

  describe('the body that isMissingOriginal reads', () => {
    const bodyOf = async (handler: RequestHandler): Promise<string> => {
      let seen = '';
      const { faults } = await reachOf(handler, {
        async isMissingOriginal(response) {
          // The body is complete even if the test reads it later.
          await new Promise(setImmediate);
          seen = await response.body();
          return true;
        },
      });
      assert.deepEqual(faults, []);
      return seen;
    };

    it('is the first 8 KiB, in each form and encoding of write and end', async () => {
      const part = fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 3000 }).map((text) => [text] as const),
        fc.string({ maxLength: 50 }).map((text) => [Buffer.from(text).toString('hex'), 'hex'] as const),
        fc.string({ maxLength: 50 }).map((text) => [Buffer.from(text).toString('base64'), 'base64'] as const),
        fc.uint8Array({ maxLength: 6000 }).map((bytes) => [bytes] as const),
      );
      const bytesOf = (chunk: string | Uint8Array, encoding?: BufferEncoding) =>
        typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
      const property = fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        const body = await bodyOf((_req, res) => {
          res.statusCode = 404;
          for (const [chunk, encoding] of parts) res.write(chunk, encoding ?? 'utf8');
          res.end();
        });
        const all = Buffer.concat(parts.map(([chunk, encoding]) => bytesOf(chunk, encoding)));
        assert.equal(body, all.subarray(0, 8192).toString());
      });
      await fc.assert(property, { numRuns: 60 });
    });

    it('is available after 8 KiB of a response that never ends', async () => {
      const body = await bodyOf((_req, res) => void res.writeHead(500).write('x'.repeat(100_000)));
      assert.equal(body.length, 8192);
    });

    it('is copied, so the handler may reuse its memory', async () => {
      const body = await bodyOf((_req, res) => {
        const memory = Buffer.from('no such source');
        res.writeHead(404).write(memory);
        memory.fill(0);
        res.end();
      });
      assert.equal(body, 'no such source');
    });

    it('ends when the handler throws in its middle', async () => {
      const handler: RequestHandler = (_req, res) => {
        res.writeHead(404).write('no such');
        throw Object.assign(new Error('in the middle'), { status: 400 });
      };
      assert.equal(await bodyOf(handler), 'no such');
    });

    it('causes a timeout when it never ends', async () => {
      const { safelight } = scene({ timeoutMs: 25 });
      const guarded = safelight.guard((_req, res) => void res.writeHead(404).write('no'), {
        asset,
        isMissingOriginal: async (response) => (await response.body()) === 'no',
      });
      const server = await serve(nodeHttp, guarded);
      assert.equal((await ask(server, '/cat/300')).status, 504);
    });

    it('ends when its client disconnects, which is not a failure', async () => {
      const { safelight } = scene();
      const begun = Promise.withResolvers<void>();
      const judged = Promise.withResolvers<string>();
      const work = counted((_req, res) => {
        res.writeHead(404).write('no such');
        begun.resolve();
      });
      const guarded = safelight.guard(work, {
        asset,
        async isMissingOriginal(response) {
          judged.resolve(await response.body());
          return false;
        },
      });
      const server = await serve(nodeHttp, guarded);
      const visitor = askAndStay(server, '/cat/300');
      await begun.promise;
      visitor.leave();
      assert.equal(await judged.promise, 'no such');
      const reply = await ask(server, '/cat/300');
      assert.deepEqual([reply.status, codeOf(reply), work.runs], [404, 'not_found', 1]);
    });
  });
});
