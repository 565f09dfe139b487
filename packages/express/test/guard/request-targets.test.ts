import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { type GuardRouteOptions, imgproxy, ipx, nextImage, querySource, thumbor } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { askTarget, isHit, oddRequestLines } from '../../../../test/servers/ask-target.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, frameworks, listen, serve } from '../../../../test/servers/servers.ts';

const host = 'http://pictures.example:8080';
const sameHost = { headers: { Host: 'pictures.example:8080' } };
const missing: RequestHandler = (_req, res) => void res.writeHead(404).end('nothing');
const picture: RequestHandler = (_req, res) => {
  res.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=60' }).end('picture');
};

/** The options of each preset, and a path for it. */
const presets: readonly (readonly [name: string, options: () => GuardRouteOptions, path: string])[] = [
  ['no preset', () => ({}), '/cat.jpg?w=300'],
  ['ipx', ipx, '/w_300/cat.jpg'],
  ['imgproxy', imgproxy, '/signature/rs:fill:300:200/plain/http://example.org/cat.jpg@webp'],
  ['thumbor', thumbor, '/unsafe/300x200/example.org/cat.jpg'],
  ['querySource', querySource, '/resize?src=http://example.org/cat.jpg&w=300'],
  ['nextImage', nextImage, '/_next/image?url=%2Fcat.jpg&w=640&q=75'],
];

describe('a request target in absolute-form (RFC 9112 section 3.2.2) gets the same response as one in origin-form', () => {
  afterEach(closeServers);

  for (const framework of casesOfRun(frameworks)) {
    describe(framework.name, () => {
      for (const [name, options, path] of presets) {
        it(`guard, ${name}: one asset and one derivation`, async () => {
          const { safelight } = scene();
          const handler = counted(missing);
          const server = await serve(framework, safelight.guard(handler, options()));
          const larger = path.replace(/300|640/, '960');
          for (const [first, second] of [
            [path, host + path],
            [host + larger, larger],
          ] as const) {
            // A target in absolute-form never leads, so its own failure is not held.
            const leads = first.startsWith('/');
            const before = handler.runs;
            assert.equal(isHit(await askTarget(server, `GET ${first}`)), false, first);
            if (!leads) assert.equal(isHit(await askTarget(server, `GET ${second}`)), false, second);
            const held = await askTarget(server, `GET ${leads ? second : first}`);
            assert.deepEqual([held.status, isHit(held), handler.runs], [404, true, before + (leads ? 1 : 2)], second);
          }
        });
      }

      it('guard with cache: they share a cached response', async () => {
        const { safelight } = scene();
        const handler = counted(picture);
        const server = await serve(framework, safelight.guard(handler, { cache: true }));
        const first = await askTarget(server, 'GET /cat?w=1');
        const second = await askTarget(server, `GET ${host}/cat?w=1`);
        assert.deepEqual([first.status, second.status, isHit(second), handler.runs], [200, 200, true, 1]);
        await safelight.changed('/cat');
        assert.equal(isHit(await askTarget(server, `GET ${host}/cat?w=1`)), false);
      });

      it('middleware: the same', async () => {
        const { safelight } = scene();
        const handler = counted(missing);
        const server = await serve(framework, safelight.middleware(), handler);
        await askTarget(server, 'GET /cat');
        assert.deepEqual([isHit(await askTarget(server, `GET ${host}/cat`)), handler.runs], [true, 1]);
      });

      it('the handler, asset and derivation see the request as it came', async () => {
        const { safelight } = scene();
        const seen: unknown[] = [];
        const see = ({ url }: IncomingMessage): string => {
          seen.push(url);
          return 'cat';
        };
        const handler: RequestHandler = (req, res) => void res.end(see(req));
        for (const cache of [false, true]) {
          const server = await serve(framework, safelight.guard(handler, { asset: see, derivation: see, cache }));
          await askTarget(server, `GET ${host}/${cache}?w=1`);
          assert.deepEqual([...new Set(seen.splice(0))], [`${host}/${cache}?w=1`]);
        }
      });

      it('why: explains a URL in absolute-form, in a request in absolute-form', async () => {
        const { safelight } = scene();
        const server = await serve(framework, safelight.control(), safelight.guard(missing));
        await askTarget(server, 'GET /cat');
        const { status, body } = await askTarget(server, `GET ${host}/_safelight/why?url=/cat`);
        assert.deepEqual(
          [status, JSON.parse(body.replaceAll(/^[\da-f]+\r\n|\r\n/g, '')).verdict],
          [200, 'missing_original'],
        );
        assert.equal((await safelight.why(`${host}/cat`)).verdict, 'missing_original');
      });

      it('targets without a path and invalid request lines have no effect on the server', async () => {
        const { safelight, faults } = scene();
        const options = presets.map(([, make]) => make());
        const guards = options.map((one) => safelight.guard((_req, _res, next) => next(), { ...one, early: true }));
        const app = framework.listenerOf([safelight.control(), ...guards, safelight.guard(missing, { cache: true })]);
        const server = await listen(safelight.listener(app));
        for (const line of [...oddRequestLines, ...oddRequestLines]) {
          assert.ok((await askTarget(server, line)).status < 500, line);
        }
        assert.deepEqual(faults, []);
        assert.deepEqual([(await ask(server, '/dog')).status, isHeld(await ask(server, '/dog'))], [404, true]);
      });
    });
  }

  for (const [name, express] of [
    ['Express 5', express5],
    ['Express 4', express4],
  ] as const) {
    describe(`${name}, below a path`, () => {
      it('guard: one asset', async () => {
        const { safelight } = scene();
        const handler = counted(missing);
        const app = express();
        app.use('/ipx', safelight.guard(handler, ipx()));
        app.use('/thumbs', safelight.guard(handler));
        const server = await listen(app);
        for (const path of ['/ipx/w_300/cat.jpg', '/thumbs/cat', '/thumbs', '/thumbs?w=1']) {
          const before = handler.runs;
          await askTarget(server, `GET ${path}`);
          const held = await askTarget(server, `GET ${host}${path}`);
          assert.deepEqual([isHit(held), handler.runs], [true, before + 1], path);
        }
        await safelight.changed('cat.jpg');
        assert.equal(isHit(await askTarget(server, `GET ${host}/ipx/w_300/cat.jpg`)), false);
      });

      it('listener: held and cached responses are sent early, and other requests reach the application unchanged', async () => {
        const { safelight } = scene();
        const app = express();
        const seen: unknown[] = [];
        app.use((req, _res, next) => {
          seen.push([req.url, req.originalUrl, req.baseUrl]);
          next();
        });
        const urls = new Set<string>();
        const asset = (req: IncomingMessage): string => {
          urls.add(req.url ?? '');
          return 'cat';
        };
        app.use('/pictures', safelight.guard(picture, { cache: true, early: '/pictures' }));
        app.use('/named', safelight.guard(missing, { asset, early: '/named' }));
        const server = await listen(safelight.listener(app));
        await askTarget(server, `GET ${host}/pictures/cat?w=1`);
        assert.deepEqual(seen, [[`${host}/pictures/cat?w=1`, `${host}/pictures/cat?w=1`, '']]);
        await ask(server, '/pictures/cat?w=1', sameHost);
        const { status, body } = await askTarget(server, `GET ${host}/pictures/cat?w=1`);
        assert.deepEqual(
          [status, body, isHeld(await ask(server, '/pictures/cat?w=1', sameHost)), seen.length],
          [200, 'picture', true, 2],
        );

        for (const path of ['/named', '/named?w=1', '/named/cat']) await askTarget(server, `GET ${host}${path}`);
        // Express sets these for a handler below a path.
        assert.deepEqual([...urls], [host, `${host}?w=1`, `${host}/cat`]);
        await askTarget(server, `GET ${host}/picturesque`);
        assert.deepEqual(seen.at(-1), [`${host}/picturesque`, `${host}/picturesque`, '']);
      });
    });
  }
});
