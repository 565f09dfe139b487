import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudOptions, cloud } from '@safelight/cloud';
import type { Original, Originals } from '@safelight/core';
import { createSafelight, type Safelight, type SafelightOptions } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import { build } from 'esbuild';
import express from 'express';
import sharp from 'sharp';
import { afterPublish } from '../servers/after-publish.ts';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** The port that received it: 0 for `origin`, 1 for `otherOrigin`. */
  readonly server: 0 | 1;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** `undefined` until the response has been sent or the connection was lost. */
  endedAt: number | undefined;
  status: number | undefined;
  /** The client closed the connection before the response was complete. */
  isBroken: boolean;
}

/** Responds in place of the application when it returns `true` (or a promise of it). */
export type Interception = (req: IncomingMessage, res: ServerResponse) => boolean | Promise<boolean>;

export interface SiteOptions {
  readonly safelight?: SafelightOptions;
  readonly cloud?: Partial<CloudOptions>;
  /** Routes and files of the test, before everything else. */
  readonly routes?: (app: express.Express, site: Site) => void;
}

export interface Site {
  readonly origin: string;
  /** The same application on another port, which is another origin for a page. */
  readonly otherOrigin: string;
  readonly safelight: Safelight;
  readonly originals: Originals;
  /** Every version of every original, oldest first. */
  readonly published: readonly Original[];
  /** Every request, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** Requests for pictures of an asset, for all derivations. */
  deliveries(publicId: string): readonly SeenRequest[];
  /** Publishes a picture (by default red, 600 x 400) like an upload: first visible, then confirmed. */
  put(publicId: string, picture?: PictureOptions): Promise<Original>;
  /** Gets every request before the application. */
  intercept(interception: Interception | undefined): void;
  close(): Promise<void>;
}

export interface PictureOptions {
  readonly width?: number;
  readonly height?: number;
  /** A CSS colour. */
  readonly colour?: string;
}

const cloudName = 'demo';
let bundle: Promise<string> | undefined;

/** A real server with a cloud and its own folder, and a page at `/page` that has all exports of the client. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  // Before everything else, so that an error of the bundler is reported at once and not by every page.
  const script = await clientBundle();
  const directory = await mkdtemp(join(tmpdir(), 'safelight-site-'));
  const published: Original[] = [];
  const originals = afterPublish(fileOriginals({ directory }), (original) => void published.push(original));
  const safelight = createSafelight({ onError: () => undefined, ...options.safelight });
  const requests: SeenRequest[] = [];
  let interception: Interception | undefined;
  const app = express();
  app.disable('x-powered-by');

  const listener = (server: 0 | 1) => async (req: IncomingMessage, res: ServerResponse) => {
    requests.push(watch(req, res, server));
    if (!(await interception?.(req, res))) app(req, res);
  };
  const servers = [createServer(listener(0)), createServer(listener(1))] as const;
  const [origin, otherOrigin] = await Promise.all([listen(servers[0]), listen(servers[1])]);

  const site: Site = {
    origin,
    otherOrigin,
    safelight,
    originals,
    published,
    requests,
    deliveries: (publicId) =>
      requests.filter(({ url }) => url.startsWith(`/${cloudName}/`) && new RegExp(`/${publicId}(\\.|$)`).test(url)),
    async put(publicId, picture) {
      const asset = { resourceType: 'image', publicId } as const;
      const { bytes, width, height } = await drawPicture(picture);
      const received = await originals.receive(oneChunk(bytes), { maxBytes: 100_000_000 });
      const original = await originals.publish(received, { ...asset, format: 'png', width, height });
      await safelight.changed(publicId);
      return original;
    },
    intercept(next) {
      interception = next;
    },
    async close() {
      await Promise.all(servers.map(stop));
      await rm(directory, { recursive: true, force: true });
    },
  };
  options.routes?.(app, site);
  app.get('/favicon.ico', (_req, res) => void res.sendStatus(204));
  app.get('/page', (_req, res) => void res.type('html').send(emptyPage));
  app.get('/client.js', (_req, res) => void res.type('js').send(script));
  app.use(
    cloud(safelight, cloudName, {
      originals,
      handler: sharpHandler(),
      apiKey,
      apiSecret,
      uploadPresets: ['browser'],
      ...options.cloud,
    }),
  );
  return site;
}

/** A PNG of one colour. */
export async function drawPicture({ width = 600, height = 400, colour = '#c02020' }: PictureOptions = {}): Promise<{
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}> {
  const image = sharp({ create: { width, height, channels: 3, background: colour } });
  return { bytes: await image.png().toBuffer(), width, height };
}

const emptyPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>page</title>
<body>
<script type="module">
import * as safelight from '/client.js';
window.safelight = safelight;
</script>
`;

/** All entries of the client that run in browsers, in one module. */
function clientBundle(): Promise<string> {
  const entries = ['client', 'client/url', 'client/upload', 'client/image', 'client/why'];
  bundle ??= build({
    stdin: {
      contents: entries.map((entry) => `export * from '@safelight/${entry}';`).join('\n'),
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
  return bundle;
}

function watch(req: IncomingMessage, res: ServerResponse, server: 0 | 1): SeenRequest {
  const seen: SeenRequest = {
    method: req.method ?? '',
    url: req.url ?? '',
    headers: req.headers,
    server,
    startedAt: Date.now(),
    endedAt: undefined,
    status: undefined,
    isBroken: false,
  };
  res.once('close', () => {
    seen.endedAt = Date.now();
    seen.isBroken = !res.writableFinished;
    if (res.headersSent) seen.status = res.statusCode;
  });
  return seen;
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
