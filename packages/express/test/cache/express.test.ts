import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { RequestHandler as AnyHandler } from '@safelight/http';
import type { Express, Request, RequestHandler, Response } from 'express';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express4, express5, listen } from '../../../../test/servers/servers.ts';

const compression = createRequire(import.meta.url)('compression') as (options?: object) => RequestHandler;
const here = dirname(fileURLToPath(import.meta.url));
const long = 'cat'.repeat(1000);

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4],
] as const) {
  /** Two servers of the same application, with the bare handler and with the guarded one; `route` mounts it, and `forward` is an option of the guard. */
  async function apps(
    handler: (req: Request, res: Response, next: (error?: unknown) => void) => unknown,
    route: (app: Express, handler: RequestHandler) => void = (app, guarded) => app.use(guarded),
    forward: readonly string[] = [],
  ) {
    const servers = [];
    const cached = scene().safelight.guard(handler as unknown as AnyHandler, { cache: true, forward });
    for (const guarded of [handler, cached]) {
      const app = express();
      app.set('env', 'test');
      route(app, guarded as unknown as RequestHandler);
      servers.push(await listen(app));
    }
    const [bare, guarded] = servers as [(typeof servers)[0], (typeof servers)[0]];
    return { bare, guarded };
  }

  describe(`guard with cache: what Express adds to requests and responses, in ${name}`, () => {
    afterEach(closeServers);

    it('the handler sees params, query, URLs, address, settings, cookies, locals and properties of middleware', async () => {
      const { bare, guarded } = await apps(
        (req, res) => {
          const { id } = req.params;
          const { baseUrl, originalUrl, url, path, query, ip, protocol, hostname, xhr, secure, subdomains } = req;
          const own = req as Request & { cookies?: unknown; user?: string; token?: string };
          const { cookies, user, token } = own;
          res.json({
            ...{ id, baseUrl, originalUrl, url, path, query, ip, protocol, hostname, xhr, secure, subdomains },
            ...{ cookies, user, token, locals: res.locals, accepts: req.accepts('png', 'webp'), is: req.fresh },
            app: [req.app.get('x'), res.app === req.app, res.req === req, req.res === res, req.get('x-a')],
            route: (req.route as { path?: string } | undefined)?.path,
          });
        },
        (app, handler) => {
          app.set('trust proxy', true);
          app.set('x', 'setting');
          app.use((req, res, next) => {
            Object.assign(req, { cookies: { a: '1' }, user: 'cat' });
            Object.defineProperty(req, 'token', { get: () => `of ${req.url}`, enumerable: true });
            res.locals['x'] = 1;
            next();
          });
          const router = express.Router();
          router.get('/:id', handler);
          app.use('/thumbs', router);
        },
        ['X-A', 'X-Forwarded-For'],
      );
      const headers = { 'X-A': 'b', Accept: 'image/webp', 'X-Forwarded-For': '1.2.3.4', 'X-Forwarded-Proto': 'https' };
      const path = '/thumbs/cat.png?w=1&h=2';
      const expected = await ask(bare, path, { headers: { ...headers, Host: 'a.b.example' } });
      assert.match(expected.text, /1\.2\.3\.4/);
      for (let i = 0; i < 2; i += 1) {
        const reply = await ask(guarded, path, { headers: { ...headers, Host: 'a.b.example' } });
        assert.deepEqual([reply.status, JSON.parse(reply.text)], [200, JSON.parse(expected.text)]);
        assert.equal(isHeld(reply), i === 1);
      }
    });

    const inner: Readonly<Record<string, () => RequestHandler>> = {
      'an application': () => {
        const app = express();
        app.get('/in/:id', (req, res) => void res.send(`${req.params['id']} ${req.baseUrl} ${req.app === app}`));
        return app as unknown as RequestHandler;
      },
      'a router': () => {
        const router = express.Router();
        router.use('/in', (req, _res, next) => next(req.url === '/no' ? 'route' : undefined));
        router.get('/in/:id', (req, res) => void res.send(`${req.params['id']} ${req.baseUrl}`));
        return router;
      },
      'express.static': () => express.static(here, { maxAge: 60_000 }),
    };
    for (const [what, create] of Object.entries(inner)) {
      it(`${what} as the handler`, async () => {
        const handler = create();
        const { bare, guarded } = await apps(
          (req, res, next) => handler(req, res, next),
          (app, guardedOrBare) => {
            app.use('/mount', guardedOrBare);
            app.use((req, res) => void res.status(404).send(`no handler for ${req.url}`));
          },
        );
        const found = what === 'express.static' ? '/mount/essence.ts' : '/mount/in/cat';
        const expected = await ask(bare, found);
        for (let i = 0; i < 2; i += 1) {
          const reply = await ask(guarded, found);
          assert.deepEqual([reply.status, reply.text], [200, expected.text]);
          assert.deepEqual([isHeld(reply), reply.headers.etag], [i === 1, expected.headers.etag]);
        }
        const passedOn = await ask(guarded, '/mount/nothing');
        assert.deepEqual([passedOn.status, passedOn.text], [404, 'no handler for /mount/nothing']);
      });
    }

    it('render, vary, format and redirect', async () => {
      const { bare, guarded } = await apps(
        (req, res) => {
          if (req.path === '/render') return res.render('cat.x', { a: 1 });
          if (req.path === '/redirect') return res.redirect(302, 'elsewhere');
          return res.vary('Accept').format({ html: () => res.send('<p>'), json: () => res.send({ a: 1 }) });
        },
        (app, handler) => {
          app.set(
            'view',
            class {
              render(options: { a?: number }, done: (error: unknown, text: string) => void) {
                done(null, `rendered ${options.a}`);
              }
              path = 'cat.x';
            },
          );
          app.use(handler);
        },
      );
      for (const path of ['/render', '/redirect', '/format']) {
        for (const accept of ['text/html', 'application/json']) {
          const expected = await ask(bare, path, { headers: { Accept: accept } });
          for (let i = 0; i < 2; i += 1) {
            const { status, text, headers } = await ask(guarded, path, { headers: { Accept: accept } });
            assert.deepEqual(
              [status, text, headers.location],
              [expected.status, expected.text, expected.headers.location],
            );
            assert.equal(headers['content-type'], expected.headers['content-type']);
          }
        }
      }
    });

    it('compression in front: the cached bytes are not encoded, and each client gets an encoding that it accepts', async () => {
      let runs = 0;
      const { guarded } = await apps(
        (_req, res) => {
          runs += 1;
          assert.equal(res.getHeader('content-encoding'), undefined);
          res.type('text').set('Cache-Control', 'max-age=60').send(long);
        },
        (app, handler) => {
          app.use(compression({ threshold: 100 }));
          app.use(handler);
        },
      );
      for (let i = 0; i < 2; i += 1) {
        const zipped = await ask(guarded, '/a', { headers: { 'Accept-Encoding': 'gzip' } });
        assert.equal(zipped.headers['content-encoding'], 'gzip');
        assert.equal(gunzipSync(zipped.body).toString(), long);
        const plain = await ask(guarded, '/a');
        assert.deepEqual([plain.text, plain.headers['content-encoding'], isHeld(plain)], [long, undefined, true]);
      }
      assert.equal(runs, 1);
    });

    it('compression inside: one variant for each requested encoding', async () => {
      let runs = 0;
      const compress = compression({ threshold: 100 });
      const { guarded } = await apps((req, res, next) => {
        runs += 1;
        compress(req, res, () => void res.type('text').set('Cache-Control', 'max-age=60').send(long));
        assert.equal(typeof next, 'function');
      });
      for (let i = 0; i < 2; i += 1) {
        const zipped = await ask(guarded, '/a', { headers: { 'Accept-Encoding': 'gzip' } });
        assert.deepEqual([gunzipSync(zipped.body).toString(), isHeld(zipped)], [long, i === 1]);
        const plain = await ask(guarded, '/a');
        assert.deepEqual([plain.text, isHeld(plain), runs], [long, i === 1, 2]);
      }
    });

    it('headers that differ between requests are those of the current request', async () => {
      let asked = 0;
      const { guarded } = await apps(
        (_req, res) => {
          res.removeHeader('X-Frame-Options');
          res.set({ 'X-Same': 'same', 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cache-Control': 'max-age=60' });
          res.send('cat');
        },
        (app, handler) => {
          app.use((req, res, next) => {
            asked += 1;
            const origin = req.get('origin') ?? '';
            res.set({ 'X-Request-Id': String(asked), 'X-Frame-Options': 'DENY', 'X-Same': 'same' });
            res.set({ 'Access-Control-Allow-Origin': origin, 'Cross-Origin-Resource-Policy': 'same-origin' });
            next();
          });
          app.use(handler);
        },
      );
      for (let i = 1; i <= 3; i += 1) {
        const { headers } = await ask(guarded, '/a', { headers: { Origin: `https://${i}.example` } });
        assert.equal(headers['x-request-id'], String(i));
        assert.equal(headers['access-control-allow-origin'], `https://${i}.example`);
        assert.equal(headers['x-frame-options'], undefined);
        assert.equal(headers['x-same'], 'same');
        // The handler's value wins, as without the guard.
        assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
      }
    });

    it('cookies of the application: each client gets only its own, and the response is cached nevertheless', async () => {
      let runs = 0;
      let visitors = 0;
      const { guarded } = await apps(
        (req, res) => {
          runs += 1;
          if (req.path === '/own') res.cookie('own', String(runs));
          res.set('Cache-Control', 'max-age=60').send('cat');
        },
        (app, handler) => {
          app.use((_req, res, next) => {
            visitors += 1;
            res.cookie('visitor', String(visitors));
            const { writeHead } = res;
            res.writeHead = function lateCookie(this: Response, ...args: unknown[]) {
              res.append('Set-Cookie', 'late=1');
              return Reflect.apply(writeHead, this, args);
            } as Response['writeHead'];
            next();
          });
          app.use(handler);
        },
      );
      for (let i = 1; i <= 3; i += 1) {
        const reply = await ask(guarded, '/a');
        assert.deepEqual(reply.headers['set-cookie'], [`visitor=${i}; Path=/`, 'late=1']);
        assert.deepEqual([isHeld(reply), runs], [i > 1, 1]);
      }
      for (let i = 4; i <= 6; i += 1) {
        const { headers } = await ask(guarded, '/own');
        assert.deepEqual(headers['set-cookie'], [`visitor=${i}; Path=/`, `own=${i - 2}; Path=/`, 'late=1']);
      }
    });

    it('a handler that passes the request on may change it for the next handler, as without the guard', async () => {
      const { bare, guarded } = await apps(
        (req, res, next) => {
          Object.assign(req, { seen: 'by the handler' });
          Object.assign(res, { noted: 1 });
          req.url = '/rewritten';
          res.locals['passed'] = true;
          res.status(202).set('X-Handler', '1').removeHeader('X-Powered-By');
          next();
        },
        (app, handler) => {
          app.use(handler);
          app.use((req, res) => {
            const { seen } = req as { seen?: string };
            res.send([req.url, seen, (res as { noted?: number }).noted, res.locals, req.res === res, res.req === req]);
          });
        },
      );
      const expected = await ask(bare, '/a');
      for (let i = 0; i < 2; i += 1) {
        const { status, text, headers } = await ask(guarded, '/a');
        assert.deepEqual([status, text], [202, expected.text]);
        assert.deepEqual([headers['x-handler'], headers['x-powered-by']], ['1', undefined]);
      }
    });

    it('functions of the response that middleware has replaced do not bypass the guard', async () => {
      const { guarded } = await apps(
        (_req, res) => void res.json({ a: 1 }),
        (app, handler) => {
          app.use((_req, res, next) => {
            const json = res.json.bind(res);
            res.json = (body) => json({ wrapped: body });
            next();
          });
          app.use(handler);
        },
      );
      for (let i = 0; i < 2; i += 1) {
        const reply = await ask(guarded, '/a');
        assert.deepEqual([reply.text, isHeld(reply)], ['{"a":1}', i === 1]);
      }
    });
  });
}
