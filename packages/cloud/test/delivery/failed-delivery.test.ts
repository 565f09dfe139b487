import assert from 'node:assert/strict';
import { type CloudOptions, cloud } from '@safelight/cloud';
import { missingOriginal } from '@safelight/core';
import type { SafelightOptions } from '@safelight/express';
import type { ErrorRequestHandler } from 'express';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { originalsThatFind } from '../../../../test/servers/originals-that-find.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, listen } from '../../../../test/servers/servers.ts';

const original = { resourceType: 'image', publicId: 'cat', version: 7, format: 'jpg', etag: 'e', createdAt: 0 };

const originals = originalsThatFind((publicId) => (publicId === 'cat' ? original : undefined));

interface Seen {
  readonly code: unknown;
  readonly held: unknown;
}

/** An application with a cloud, an error logger, and errors as JSON. */
async function application(
  express: typeof express5,
  options: Partial<CloudOptions> = {},
  ofSafelight: SafelightOptions = {},
  ...inFront: readonly express5.RequestHandler[]
) {
  const { safelight, clock, faults } = scene(ofSafelight);
  const seen: Seen[] = [];
  let runs = 0;
  const app = express();
  for (const middleware of inFront) app.use(middleware);
  const broken = new Error('native crash');
  app.use(
    cloud(safelight, 'demo', {
      originals,
      handler: async () => {
        runs += 1;
        throw broken;
      },
      errors: 'application',
      ...options,
    }) as unknown as express5.RequestHandler,
  );
  const respond: ErrorRequestHandler = (error, _req, res, _next) => {
    seen.push({ code: error.code ?? error.message, held: error.held });
    res.status(error.status ?? 500).json({ shop: error.code ?? 'crash' });
  };
  app.use(respond);
  const server = await listen(safelight.listener(app));
  return { server, safelight, clock, faults, seen, runs: () => runs };
}

describe('a cloud with errors: application', () => {
  afterEach(closeServers);

  for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
    it(`passes each failure to the error handlers, held ones too, and adds the fields of the window (${name})`, async () => {
      const { server, safelight, clock, seen } = await application(express);
      const first = await ask(server, '/demo/image/upload/w_1/dog.jpg');
      clock.pass(2000);
      const second = await ask(server, '/demo/image/upload/w_2/dog.jpg');
      for (const reply of [first, second]) {
        assert.deepEqual([reply.status, reply.text], [404, '{"shop":"missing_original"}']);
        assert.match(String(reply.headers['server-timing']), /^err;desc="missing_original", rung;desc="1"/);
        assert.equal(typeof reply.headers['cache-tag'], 'string');
      }
      assert.deepEqual([first.headers['retry-after'], second.headers['retry-after']], ['60', '58']);
      assert.deepEqual([isHeld(first), isHeld(second)], [false, true]);
      assert.match(String(second.headers['cache-control']), /^public, max-age=0, s-maxage=58/);
      assert.deepEqual(seen, [
        { code: 'missing_original', held: undefined },
        { code: 'missing_original', held: true },
      ]);
      await safelight.changed('dog');
      assert.equal(isHeld(await ask(server, '/demo/image/upload/w_2/dog.jpg')), false);
    });

    it(`passes a crash once as it is, then as held, and not to onError (${name})`, async () => {
      const { server, seen, faults, runs } = await application(express);
      for (let time = 0; time < 3; time += 1) {
        const reply = await ask(server, '/demo/image/upload/w_1/cat.jpg');
        assert.deepEqual([reply.status, reply.text], [500, '{"shop":"crash"}']);
      }
      assert.deepEqual(
        seen.map(({ code, held }) => [code, held]),
        [
          ['native crash', undefined],
          ['native crash', true],
          ['native crash', true],
        ],
      );
      assert.deepEqual([runs(), faults], [1, []]);
    });

    it(`passes a URL that cannot be read, without a window (${name})`, async () => {
      const { server, seen } = await application(express);
      const reply = await ask(server, '/demo/image/upload/w_0/cat.jpg');
      assert.deepEqual([reply.status, reply.text], [400, '{"shop":"bad_transformation"}']);
      assert.equal(reply.headers['cache-control'], 'no-store');
      assert.deepEqual(seen, [{ code: 'bad_transformation', held: undefined }]);
    });
  }

  it('passes a timeout with the status of a timeout', async () => {
    const handler: CloudOptions['handler'] = () => new Promise(() => {});
    const { server, seen, faults } = await application(express5, { handler }, { timeoutMs: 20, maxPendingMs: 10 });
    const replies = await Promise.all([1, 2].map(() => ask(server, '/demo/image/upload/w_1/cat.jpg')));
    assert.deepEqual(
      replies.map(({ status }) => status),
      [504, 504],
    );
    assert.deepEqual(seen.map(({ code }) => code).sort(), ['timed_out', 'timed_out']);
    assert.equal(seen.filter(({ held }) => held === undefined).length, 1);
    assert.deepEqual(faults, []);
  });

  it('passes nothing on when a middleware in front has responded meanwhile', async () => {
    const hasResponded = Promise.withResolvers<void>();
    const failing: CloudOptions['handler'] = async () => {
      await hasResponded.promise;
      throw missingOriginal('cat');
    };
    const impatient: express5.RequestHandler = (_req, res, next) => {
      setImmediate(() => {
        res.writeHead(503).end('too late');
        hasResponded.resolve();
      });
      next();
    };
    const { server, seen } = await application(express5, { handler: failing }, {}, impatient);
    assert.equal((await ask(server, '/demo/image/upload/w_1/cat.jpg')).text, 'too late');
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    assert.deepEqual(seen, []);
  });

  it('sends a placeholder, while the error handlers still see the error of the run', async () => {
    const placed: CloudOptions['handler'] = async (_delivery, { original: { publicId } }) => {
      if (publicId !== 'placeholder') throw missingOriginal(publicId);
      return { contentType: 'image/png', format: 'png', body: Buffer.from('picture') };
    };
    const { server, seen } = await application(express5, { handler: placed }, { placeholder: 'drawn' });
    for (let time = 0; time < 2; time += 1) {
      const reply = await ask(server, '/demo/image/upload/w_1/dog.png', { headers: { Accept: 'image/*' } });
      assert.deepEqual([reply.status, reply.headers['content-type'], reply.text], [404, 'image/png', 'picture']);
    }
    assert.deepEqual(seen, [{ code: 'missing_original', held: undefined }]);
    const json = await ask(server, '/demo/image/upload/w_1/dog.png', { headers: { Accept: 'application/json' } });
    assert.equal(json.text, '{"shop":"missing_original"}');
  });

  it('lets the listener leave failures to the application, and reports each response once', async () => {
    const outcomes: string[] = [];
    const { server, seen } = await application(
      express5,
      { early: true },
      { onOutcome: ({ outcome }) => outcomes.push(outcome.kind === 'failed' ? outcome.source : outcome.kind) },
    );
    for (let time = 0; time < 2; time += 1) await ask(server, '/demo/image/upload/w_1/dog.jpg');
    assert.deepEqual(
      seen.map(({ held }) => held),
      [undefined, true],
    );
    assert.deepEqual(outcomes, ['run', 'held']);
  });

  it('is not the default: Safelight responds itself', async () => {
    const { server, seen } = await application(express5, { errors: 'safelight' });
    assert.match((await ask(server, '/demo/image/upload/w_1/dog.jpg')).text, /^Resource not found - dog/);
    assert.deepEqual(seen, []);
  });
});
