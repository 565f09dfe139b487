import assert from 'node:assert/strict';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

const missing = () => counted((_req, res) => void res.writeHead(404).end('mine'));

describe('guard', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(`in ${framework.name}`, () => {
      it('by default the path is the asset, and the query distinguishes derivations', async () => {
        const { safelight } = scene();
        const work = missing();
        const server = await serve(framework, safelight.guard(work));
        for (const path of ['/cat?w=1', '/cat?w=2', '/cat?w=1']) await ask(server, path);
        assert.equal(work.runs, 2);
        await safelight.changed('/cat');
        assert.equal(isHeld(await ask(server, '/cat?w=1')), false);
        assert.equal(isHeld(await ask(server, '/cat?w=2')), false);
      });

      it('other methods, private requests and requests without an asset are not guarded', async () => {
        const work = missing();
        const guarded = scene().safelight.guard(work, {
          asset: (req) => (req.url === '/none' ? undefined : req.url),
          isPrivate: (req) => req.headers.cookie !== undefined,
        });
        const server = await serve(framework, guarded);
        await ask(server, '/cat');
        for (const [path, options] of [
          ['/cat', { method: 'POST' }],
          ['/cat', { headers: { Cookie: 'a=1' } }],
          ['/cat', { headers: { Authorization: 'Basic YTpi' } }],
          ['/none', {}],
          ['/none', {}],
        ] as const) {
          assert.equal((await ask(server, path, options)).text, 'mine');
        }
        assert.equal(work.runs, 6);
      });

      it('of nested guards for the same derivation only the outer one acts', async () => {
        const { guard } = scene().safelight;
        const work = counted((_req, res) => void res.end('cat'));
        const server = await serve(framework, guard(guard(work)));
        assert.deepEqual([(await ask(server, '/cat')).text, work.runs], ['cat', 1]);
      });

      it('with cache, a PUT evicts the asset before its response is sent', async () => {
        const work = counted((req, res) => void res.end(`${req.method} ${work.runs}`));
        const server = await serve(framework, scene().safelight.guard(work, { cache: true }));
        assert.equal((await ask(server, '/cat')).text, 'GET 1');
        assert.equal((await ask(server, '/cat')).text, 'GET 1');
        assert.equal((await ask(server, '/cat', { method: 'PUT' })).text, 'PUT 2');
        assert.equal((await ask(server, '/cat')).text, 'GET 3');
      });
    });
  }

  it('middleware cannot cache, and the error says what to use', () => {
    const { safelight } = scene();
    assert.throws(() => safelight.middleware({ cache: true }), /middleware\(\) cannot cache.*guard\(handler, /);
  });
});
