import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@safelight/client';
import { createSafelight, type RequestHandler } from '@safelight/express';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import sharp from 'sharp';
import type { Flow, OpenFlow } from './flow.ts';
import { listenOnLoopback } from './loopback.ts';

const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();

/** The flows that are traced, one server each. */
export const flows: Readonly<Record<string, OpenFlow>> = {
  guard: () => openGuard({ keep: false }),
  'cache-miss': () => openGuard({ keep: true, expected: 'miss' }),
  'cache-hit': () => openGuard({ keep: true, expected: 'hit' }),
  'cloud-miss': () => openCloud('miss'),
  'cloud-hit': () => openCloud('hit'),
  upload: () => openUpload(),
  'client-upload': () => openClientUpload(),
};

function listenerOf(handler: RequestHandler): RequestListener {
  return (req, res) =>
    void handler(req, res, (error) => {
      res.writeHead(error === undefined ? 404 : 500).end(String(error));
    });
}

async function openGuard({ keep, expected }: { readonly keep: boolean; readonly expected?: string }): Promise<Flow> {
  const safelight = createSafelight();
  const handler: RequestHandler = (_req, res) => {
    res.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'public, max-age=60' }).end(picture);
  };
  const { send, close } = await listenOnLoopback(listenerOf(safelight.guard(handler, { keep })));
  // Makes what a hit needs.
  await send('/cat.png');
  return {
    ...(expected === 'miss' ? { prepare: () => safelight.changed('/cat.png') } : {}),
    async request() {
      const { response, body } = await send('/cat.png');
      assert.deepEqual(body, picture);
      if (expected !== undefined) assertCached(response.headers['cache-status'], expected);
    },
    close,
  };
}

async function openCloud(expected: string): Promise<Flow> {
  const { safelight, send, close } = await listenWithCloud();
  const { type, body } = form({ upload_preset: 'open', public_id: 'cat' });
  await send('/v1_1/demo/image/upload', { method: 'POST', type, body });
  const derived = '/demo/image/upload/c_fill,h_20,w_20/cat.png';
  // Makes what a hit needs.
  await send(derived);
  return {
    ...(expected === 'miss' ? { prepare: () => safelight.changed('cat') } : {}),
    async request() {
      const { response } = await send(derived);
      assertCached(response.headers['cache-status'], expected);
    },
    close,
  };
}

async function openUpload(): Promise<Flow> {
  const { send, close } = await listenWithCloud();
  const { type, body } = form({ upload_preset: 'open' });
  return {
    async request() {
      await send('/v1_1/demo/image/upload', { method: 'POST', type, body });
    },
    close,
  };
}

async function openClientUpload(): Promise<Flow> {
  const { origin, close } = await listenOnLoopback((req, res) => {
    req.resume().on('end', () => {
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(uploaded));
    });
  });
  const client = createClient({ endpoint: origin, cloudName: 'demo', uploadPreset: 'open' });
  const file = new Blob([new Uint8Array(picture)], { type: 'image/png' });
  return {
    async request() {
      const asset = await client.upload(file);
      assert.equal(asset.publicId, uploaded.public_id);
    },
    close,
  };
}

const uploaded = {
  asset_id: '0123456789abcdef0123456789abcdef',
  public_id: 'cat',
  version: 1_795_368_841,
  resource_type: 'image',
  type: 'upload',
  format: 'png',
  width: 40,
  height: 30,
  bytes: picture.length,
};

async function listenWithCloud() {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-trace-'));
  const safelight = createSafelight({ derivatives: fileDerivatives({ directory: join(directory, 'derivatives') }) });
  const cloud = safelight.cloud('demo', {
    originals: fileOriginals({ directory }),
    handler: sharpHandler(),
    uploadPresets: ['open'],
  });
  const loopback = await listenOnLoopback(listenerOf(cloud));
  const close = async (): Promise<void> => {
    await loopback.close();
    await rm(directory, { recursive: true });
  };
  return { safelight, send: loopback.send, close };
}

function form(fields: Readonly<Record<string, string>>): { readonly type: string; readonly body: Buffer } {
  const boundary = 'safelight-trace';
  const part = (disposition: string): string => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n`;
  const texts = Object.entries(fields).map(([name, value]) => `${part(`name="${name}"`)}\r\n${value}\r\n`);
  const fileHead = `${part('name="file"; filename="cat.png"')}Content-Type: image/png\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(texts.join('') + fileHead), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

function assertCached(cacheStatus: unknown, expected: string): void {
  assert.equal(
    /;\s*hit\b/.test(String(cacheStatus)) ? 'hit' : 'miss',
    expected,
    `Cache-Status: ${String(cacheStatus)}`,
  );
}
