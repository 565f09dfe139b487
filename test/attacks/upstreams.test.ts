import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { createSafelight, type GuardRouteOptions, type Safelight } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { casesOfRun } from '../servers/cases-of-run.ts';
import { missingService } from '../servers/missing-service.ts';
import { hasNginx, type Nginx, startNginx } from '../servers/nginx.ts';
import { connect, type Framework, frameworks, type Listening, listen } from '../servers/servers.ts';
import { type Sent, sendHttp1 } from './clients.ts';

interface HttpProxy {
  web(req: IncomingMessage, res: ServerResponse, options: object, onError: (error: Error) => void): void;
}

const httpProxy = createRequire(import.meta.url)('http-proxy') as {
  createProxyServer(options: object): HttpProxy;
};

const allFrameworks: readonly Framework[] = casesOfRun([...frameworks, connect]);

/** A request that http-proxy or the nginx behind it refuses, or that ends early. */
interface Attack {
  readonly name: string;
  readonly sent: Sent;
  /** The status from a server behind http-proxy. @default the client leaves */
  readonly status?: number;
}

/** `Trailer` is not among them: http-proxy ends the process when it sees one, with and without a guard. */
const attacks: readonly Attack[] = [
  { name: '9 kB of one field', sent: { headers: { 'x-long': 'x'.repeat(9000) } }, status: 400 },
  { name: '9 kB of a cookie', sent: { headers: { cookie: `a=${'x'.repeat(9000)}` } }, status: 400 },
  { name: 'a foreign host', sent: { authority: 'evil' }, status: 404 },
  { name: 'no host', sent: { authority: null, version: '1.0' }, status: 404 },
  {
    name: 'an absolute-form target with a foreign host',
    sent: { target: (path) => `http://evil${path}`, authority: 'evil' },
    status: 404,
  },
  { name: 'a method override', sent: { headers: { 'x-http-method-override': 'DELETE' } }, status: 405 },
  { name: 'a HEAD with an odd field', sent: { method: 'HEAD', headers: { 'x-odd': '1' } }, status: 404 },
  { name: 'a range that cannot be satisfied', sent: { headers: { range: 'bytes=999-' } }, status: 416 },
  {
    name: 'a body that never comes',
    sent: { headers: { 'content-length': '50' }, leaves: 'when the handler runs' },
  },
  {
    name: 'a body that never comes, after 100 Continue',
    sent: { headers: { expect: '100-continue', 'content-length': '50' }, leaves: 'after 100 Continue' },
  },
];

interface Mount {
  readonly name: string;
  readonly isCached?: boolean;
  stackOf(safelight: Safelight, handler: RequestHandler): readonly RequestHandler[];
}

const guarded = (options: GuardRouteOptions): Mount['stackOf'] => {
  return (safelight, handler) => [safelight.guard(handler, options)];
};

const mounts: readonly Mount[] = [
  { name: 'guard', stackOf: guarded({}) },
  { name: 'guard with cache', isCached: true, stackOf: guarded({ cache: true }) },
  { name: 'middleware', stackOf: (safelight, handler) => [safelight.middleware(), handler] },
];

/** The server behind everything. It has one picture under each path. */
function origin({ method, headers }: IncomingMessage, res: ServerResponse): void {
  if (headers['x-http-method-override'] !== undefined) return void res.writeHead(405).end();
  if (method === 'HEAD' && headers['x-odd'] !== undefined) return void res.writeHead(404).end();
  if (headers.range !== undefined) return void res.writeHead(416).end();
  res.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Type': 'image/png' }).end('picture');
}

/** The virtual host `a` passes requests on; other hosts do not exist. nginx refuses a field of more than 8 kB. */
const behind = (port: number, upstream: number): string => `
  server { listen 127.0.0.1:${port} default_server; return 404; }
  server {
    listen 127.0.0.1:${port};
    server_name a;
    large_client_header_buffers 4 8k;
    location / {
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_pass http://127.0.0.1:${upstream};
    }
  }`;

/** Passes all hosts on, and fields of up to 16 kB. */
const inFront = (port: number, upstreams: readonly number[]): string => `
  large_client_header_buffers 4 16k;
  ignore_invalid_headers off;
  map $http_x_app $app { ${upstreams.map((upstream) => `${upstream} 127.0.0.1:${upstream};`).join(' ')} }
  server {
    listen 127.0.0.1:${port} default_server;
    location / {
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header X-App "";
      proxy_pass http://$app;
    }
  }`;

describe('a failure that one request causes behind http-proxy and nginx is not shown to other clients', () => {
  if (!hasNginx()) {
    const what = 'nginx is not installed';
    return missingService(what);
  }

  let [upstream, proxied, fronting]: [Listening?, Nginx?, Nginx?] = [];
  const apps = new Map<string, App>();
  let lastPath = 0;

  before(async () => {
    upstream = await listen(origin);
    const { port: originPort } = upstream;
    proxied = await startNginx((port) => behind(port, originPort));
    for (const framework of allFrameworks) {
      for (const mount of mounts)
        apps.set(`${framework.name} ${mount.name}`, await startApp(framework, mount, proxied.port));
    }
    const ports = [...apps.values()].map(({ port }) => port);
    fronting = await startNginx((port) => inFront(port, ports));
  });

  after(async () => {
    await Promise.all([
      fronting?.stop(),
      proxied?.stop(),
      upstream?.close(),
      ...[...apps.values()].map((app) => app.close()),
    ]);
  });

  for (const place of ['behind', 'behind and in front']) {
    for (const framework of allFrameworks) {
      for (const mount of mounts) {
        for (const attack of attacks) {
          it(`${attack.name}: ${mount.name} in ${framework.name}, nginx ${place}`, async () => {
            const app = apps.get(`${framework.name} ${mount.name}`) as App;
            lastPath += 1;
            const path = `/${lastPath}/cat.png`;
            const port = place === 'behind' ? app.port : (fronting as Nginx).port;
            const send = (sent: Sent) => {
              const headers = { 'x-app': String(app.port), ...sent.headers };
              return sendHttp1(
                port,
                path,
                { ...sent, headers: place === 'behind' ? (sent.headers ?? {}) : headers },
                app.runs(path),
              );
            };
            for (let time = 0; time < 2; time += 1) {
              const { status } = await send(attack.sent);
              const isKnown = attack.sent.leaves !== undefined || mount.isCached === true || place !== 'behind';
              if (!isKnown) assert.equal(status, attack.status);
            }
            const { status, text } = await send({});
            assert.deepEqual([status, text], [200, 'picture']);
          });
        }
      }
    }
  }
});

interface App {
  readonly port: number;
  /** Resolves when the handler runs for a path. */
  runs(path: string): Promise<void>;
  close(): Promise<void>;
}

/** An application with http-proxy as its handler. */
async function startApp(framework: Framework, mount: Mount, target: number): Promise<App> {
  const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${target}` });
  const running = new Map<string, PromiseWithResolvers<void>>();
  const runOf = (path: string): PromiseWithResolvers<void> => {
    const run = running.get(path) ?? Promise.withResolvers<void>();
    running.set(path, run);
    return run;
  };
  const handler: RequestHandler = (req, res, next) => {
    runOf(new URL(req.url ?? '/', 'http://a').pathname).resolve();
    proxy.web(req, res, {}, (error) => next(Object.assign(error, { status: 502 })));
  };
  const safelight = createSafelight({ onError: () => undefined, timeoutMs: 5000 });
  const server = createServer(framework.listenerOf(mount.stackOf(safelight, handler)));
  const { port } = await new Promise<{ port: number }>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address() as { port: number }));
  });
  return {
    port,
    runs: (path) => runOf(path).promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
