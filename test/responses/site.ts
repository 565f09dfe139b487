import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cloud } from '@safelight/cloud';
import type { Handler } from '@safelight/core';
import type { RequestHandler } from '@safelight/http';
import { fileOriginals } from '@safelight/originals';
import { png } from '../../packages/cloud/test/upload-api/png.ts';
import { ask } from '../servers/ask.ts';
import { scene } from '../servers/scene.ts';
import { type Framework, frameworks, serve } from '../servers/servers.ts';
import { askHttp2, type Reply, type Request } from './ask-http2.ts';

/** One server with all kinds of responses behind the middleware of an application. */
export interface Site {
  readonly name: Framework['name'] | 'HTTP/2';
  /** The version of the uploaded cat. */
  readonly version: number;
  /** The errors that `onError` got: `holder` is the Safelight with placeholders, `plain` the one without. */
  readonly faults: { readonly plain: readonly unknown[]; readonly holder: readonly unknown[] };
  ask(request: Request): Promise<Reply>;
  close(): Promise<void>;
}

const body = Buffer.alloc(5000, 'cat');
export const upload: Request = {
  method: 'POST',
  path: '/v1_1/demo/image/upload',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    upload_preset: 'quickstart',
    public_id: 'cat',
    file: `data:image/png;base64,${png(4, 3).toString('base64')}`,
  }),
};

/** Derivations with a height are streamed. */
const derive: Handler = async ({ transformation }) => ({
  contentType: 'image/png',
  format: 'png',
  body: transformation.some(({ height }) => height !== undefined) ? Readable.from([body]) : body,
});

/** What the handler below `/cached/` sets. */
export const ownHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'public, max-age=60, s-maxage=120',
  'cdn-cache-control': 'max-age=600',
  etag: '"cat"',
};

const cached: RequestHandler = (req, res) => {
  for (const [name, value] of Object.entries(ownHeaders)) res.setHeader(name, value);
  res.appendHeader('Vary', 'Accept');
  if (req.url?.includes('streamed') === true) Readable.from([body]).pipe(res);
  else res.end(body);
};

const failing: RequestHandler = (_req, res) => void res.writeHead(404).end('mine');

function at(path: string, handler: RequestHandler): RequestHandler {
  return (req, res, next) => (req.url?.startsWith(path) === true ? handler(req, res, next) : next());
}

async function stackOf(application: readonly RequestHandler[]) {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-responses-'));
  const [plain, holder] = [scene(), scene({ placeholder: 'drawn' })];
  const options = { originals: fileOriginals({ directory }), handler: derive, uploadPresets: ['quickstart'] };
  const stack: readonly RequestHandler[] = [
    ...application,
    at('/cached/', plain.safelight.guard(cached, { cache: true })),
    at('/failing/', plain.safelight.guard(failing)),
    at('/held-place/', holder.safelight.guard(failing)),
    cloud(plain.safelight, 'demo', options),
    cloud(holder.safelight, 'held', options),
  ];
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  return { stack, remove, faults: { plain: plain.faults, holder: holder.faults } };
}

async function siteOn(framework: Framework, application: readonly RequestHandler[]): Promise<Site> {
  const { stack, remove, faults } = await stackOf(application);
  const server = await serve(framework, ...stack);
  const request = ({ path, ...options }: Request) => ask(server, path, options);
  const { version } = JSON.parse((await request(upload)).text) as { version: number };
  const close = () => Promise.all([server.close(), remove()]).then(() => {});
  return { name: framework.name, version, faults, ask: request, close };
}

async function siteOnHttp2(application: readonly RequestHandler[]): Promise<Site> {
  const { stack, remove, faults } = await stackOf(application);
  const listener = (frameworks[2] as Framework).listenerOf(stack);
  const server: Http2Server = createServer((req, res) =>
    listener(req as unknown as IncomingMessage, res as unknown as ServerResponse),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = (options: Request) => askHttp2(port, options);
  const { version } = JSON.parse((await request(upload)).text) as { version: number };
  const closed = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    name: 'HTTP/2',
    version,
    faults,
    ask: request,
    close: () => Promise.all([closed(), remove()]).then(() => {}),
  };
}

/** Starts the same site in Express 5, Express 4, plain `node:http`, and over HTTP/2. */
export function startSites(application: readonly RequestHandler[]): Promise<readonly Site[]> {
  return Promise.all([...frameworks.map((framework) => siteOn(framework, application)), siteOnHttp2(application)]);
}
