import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { ask, rungOf } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, listen, serve } from '../../../../test/servers/servers.ts';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';

/** Options of an application that throw for some requests. */
const throwing: Readonly<Record<string, GuardRouteOptions>> = {
  asset: { asset: (req) => decodeURIComponent((req.url ?? '').slice(1)) },
  derivation: { derivation: (req) => decodeURIComponent(req.url ?? '') },
  isPrivate: { isPrivate: (req) => decodeURIComponent(req.url ?? '') === '/mine' },
};

const picture = () => counted((_req, res) => void res.end('picture'));

describe('an option function that throws', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      for (const [name, options] of Object.entries(throwing)) {
        it(`${name}: the error goes to the application, the handler does not run, and other requests go on`, async () => {
          const { safelight } = scene();
          const handler = picture();
          const server = await serve(framework, safelight.guard(handler, options));
          const failed = await ask(server, '/%zz');
          assert.deepEqual([failed.status, failed.text], [500, 'app: URI malformed']);
          assert.equal(handler.runs, 0);
          assert.equal((await ask(server, '/cat')).text, 'picture');
        });

        it(`${name}: the same in middleware() and in a guard that caches`, async () => {
          const { safelight } = scene();
          for (const stack of [
            [safelight.middleware(options), picture()],
            [safelight.guard(picture(), { ...options, cache: true })],
          ]) {
            const server = await serve(framework, ...stack);
            assert.equal((await ask(server, '/%zz')).text, 'app: URI malformed');
            assert.equal((await ask(server, '/cat')).text, 'picture');
          }
        });
      }

      it('asset of a POST to a guard that caches', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.guard(picture(), { ...throwing['asset'], cache: true }));
        assert.equal((await ask(server, '/%zz', { method: 'POST' })).text, 'app: URI malformed');
        assert.equal((await ask(server, '/cat', { method: 'POST' })).text, 'picture');
      });
    });
  }

  it('is a 500 in plain node:http without next, and onError gets the error', async () => {
    const { safelight, faults } = scene();
    const guarded = safelight.guard(picture(), throwing['asset']) as (...args: unknown[]) => unknown;
    const server = await listen((req, res) => void guarded(req, res));
    const failed = await ask(server, '/%zz');
    assert.deepEqual([failed.status, failed.text], [500, 'Internal server error\n']);
    assert.equal(failed.headers['cache-control'], 'no-store');
    assert.match(String(faults), /URI malformed/);
    assert.equal((await ask(server, '/cat')).text, 'picture');
  });

  it('is handled by the application, also with a listener', async () => {
    const { safelight } = scene();
    const guarded = safelight.guard(picture(), { ...throwing['asset'], early: true });
    const app = frameworks[0]?.listenerOf([guarded]);
    assert.ok(app !== undefined);
    const server = await listen(safelight.listener(app));
    assert.equal((await ask(server, '/%zz')).text, 'app: URI malformed');
    assert.equal((await ask(server, '/cat')).text, 'picture');
  });

  it('isMissingOriginal: the failure is held as without it, and onError gets the error', async () => {
    const { safelight, faults } = scene();
    const handler = counted((_req, res) => void res.writeHead(404).end());
    const server = await serve(
      frameworks[0] as (typeof frameworks)[number],
      safelight.guard(handler, {
        isMissingOriginal() {
          throw new Error('no idea');
        },
      }),
    );
    for (let i = 0; i < 2; i += 1) assert.equal(rungOf(await ask(server, '/cat')), 1);
    assert.equal(handler.runs, 1);
    assert.match(String(faults), /no idea/);
  });

  it('an asset that is not a string is refused with a message: as text, all assets could have one name', async () => {
    const { safelight } = scene();
    const asset = (async () => 'cat') as unknown as () => string;
    const server = await serve(frameworks[0] as (typeof frameworks)[number], safelight.guard(picture(), { asset }));
    assert.match((await ask(server, '/cat')).text, /^app: asset returned a promise .*; it must return a string/);
  });
});

describe('a request that is passed on in plain node:http without next', () => {
  afterEach(closeServers);

  it('gets a 404; if the handler fails later, the response ends', async () => {
    const { safelight } = scene();
    const guarded = safelight.guard((_req, _res, next) => next()) as (...args: unknown[]) => unknown;
    const server = createServer((req, res) => void guarded(req, res));
    const listening = await listen((req, res) => void server.emit('request', req, res));
    const passedOn = await ask(listening, '/cat');
    assert.deepEqual([passedOn.status, passedOn.text], [404, 'Not found\n']);
  });
});

describe('a hook that throws', () => {
  afterEach(closeServers);
  const late = async () => {
    throw new Error('hook');
  };

  for (const [kind, throws] of [
    ['throws', () => assert.fail('hook')],
    ['rejects', late],
  ] as const) {
    it(`onOutcome ${kind}: requests get their response, and onError gets the error`, async () => {
      const { safelight, faults } = scene({ onOutcome: throws });
      const server = await serve(frameworks[0] as (typeof frameworks)[number], safelight.guard(picture()));
      assert.equal((await ask(server, '/cat')).text, 'picture');
      const missing = await serve(
        frameworks[0] as (typeof frameworks)[number],
        safelight.guard((_req, res) => void res.writeHead(404).end()),
      );
      for (let i = 0; i < 2; i += 1) assert.equal(rungOf(await ask(missing, '/dog')), 1);
      assert.equal(faults.length, 3);
      assert.match(String(faults[0]), /hook/);
    });

    it(`onError ${kind}: requests get their response`, async () => {
      const { safelight } = scene({ onError: throws });
      const server = await serve(
        frameworks[0] as (typeof frameworks)[number],
        safelight.guard(() => {
          throw new Error('crash');
        }),
      );
      for (let i = 0; i < 2; i += 1) assert.equal(rungOf(await ask(server, '/cat')), 1);
    });
  }
});
