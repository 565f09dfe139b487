import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@safelight/client';
import { cloud } from '@safelight/cloud';
import { createSafelight, type Safelight } from '@safelight/express';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express, { type RequestHandler } from 'express';
import sharp from 'sharp';
import type { Flow, FlowName } from './flow.ts';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { signedUpload } from './signed-upload.ts';
import { steppedClock } from './stepped-clock.ts';

const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();

const key = { apiKey: 'key', apiSecret: 'secret' };
const uploadPath = '/v1_1/demo/image/upload';

/**
 * Starts the server of a flow. Each request comes in a new second: some headers are computed once a second, and a request
 * that computes them takes a longer path.
 */
export function openFlow(name: FlowName): Promise<Flow> {
  switch (name) {
    case 'guard':
      return openGuard();
    case 'cache-miss':
      return openCache('miss');
    case 'cache-hit':
      return openCache('hit');
    case 'cloud-miss':
      return openDelivery('miss');
    case 'cloud-hit':
      return openDelivery('hit');
    case 'upload':
      return openUpload();
    case 'client-upload':
      return openClientUpload();
  }
}

const sendPicture: RequestHandler = (_req, res) => {
  res.set({ 'Content-Type': 'image/png', 'Cache-Control': 'public, max-age=60' }).send(picture);
};

/** A successful response of a handler passes through the guard. */
async function openGuard(): Promise<Flow> {
  const { clock, nextSecond } = steppedClock();
  const app = express().get('/cat.png', createSafelight({ clock }).guard(sendPicture));
  const { send, close } = await listenOnLoopback(app);
  return {
    prepare: nextSecond,
    async request() {
      const { body } = await send('/cat.png');
      assert.deepEqual(body, picture);
    },
    close,
  };
}

async function openCache(expected: 'hit' | 'miss'): Promise<Flow> {
  const { clock, nextSecond } = steppedClock();
  const safelight = createSafelight({ clock });
  const app = express().get('/cat.png', safelight.guard(sendPicture, { cache: true }));
  const { send, close } = await listenOnLoopback(app);
  return cachedFlow({ path: '/cat.png', asset: '/cat.png', expected, safelight, nextSecond, send, close });
}

/** A derivative of an upload, under a URL with a version, as the client writes it. */
async function openDelivery(expected: 'hit' | 'miss'): Promise<Flow> {
  const served = await listenWithCloud();
  const { body } = await served.send(uploadPath, signedUpload(key, picture, { public_id: 'cat' }));
  const { version } = JSON.parse(body.toString()) as { readonly version: number };
  const path = `/demo/image/upload/c_fill,h_20,w_20/v${version}/cat.png`;
  return cachedFlow({ path, asset: 'cat', expected, ...served });
}

interface CachedFlow extends Pick<CloudServer, 'safelight' | 'nextSecond' | 'send' | 'close'> {
  readonly path: string;
  readonly asset: string;
  readonly expected: 'hit' | 'miss';
}

/** Each request is a hit; or each request is a miss, because the original changes before it. */
async function cachedFlow({ path, asset, expected, safelight, nextSecond, send, close }: CachedFlow): Promise<Flow> {
  await send(path);
  return {
    async prepare() {
      await nextSecond();
      if (expected === 'miss') await safelight.changed(asset);
    },
    async request() {
      const { response } = await send(path);
      const cacheStatus = String(response.headers['cache-status']);
      assert.equal(/;\s*hit\b/.test(cacheStatus) ? 'hit' : 'miss', expected, `Cache-Status: ${cacheStatus}`);
    },
    close,
  };
}

/** Each request uploads a new asset; the server chooses its public ID. */
async function openUpload(): Promise<Flow> {
  const { nextSecond, send, close } = await listenWithCloud();
  return {
    prepare: nextSecond,
    async request() {
      await send(uploadPath, signedUpload(key, picture));
    },
    close,
  };
}

interface CloudServer extends Loopback {
  readonly safelight: Safelight;
  readonly nextSecond: () => Promise<void>;
}

async function listenWithCloud(): Promise<CloudServer> {
  const { clock, nextSecond } = steppedClock();
  const directory = await mkdtemp(join(tmpdir(), 'safelight-trace-'));
  const derivatives = fileDerivatives({ directory: join(directory, 'derivatives') });
  const safelight = createSafelight({ derivatives, clock });
  const delivery = cloud(safelight, 'demo', {
    originals: fileOriginals({ directory }),
    handler: sharpHandler(),
    ...key,
  });
  const loopback = await listenOnLoopback(express().use(delivery));
  return {
    ...loopback,
    ...{ safelight, nextSecond },
    async close() {
      await loopback.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The client, with a server that stores nothing and is not traced. */
async function openClientUpload(): Promise<Flow> {
  const record = { public_id: 'cat', version: 1_795_368_841, resource_type: 'image', format: 'png' };
  const result = JSON.stringify({ ...record, type: 'upload', width: 40, height: 30, bytes: picture.length });
  const { origin, close } = await listenOnLoopback((req, res) => {
    req.resume().on('end', () => res.writeHead(200, { 'Content-Type': 'application/json' }).end(result));
  });
  const client = createClient({ endpoint: origin, cloudName: 'demo', uploadPreset: 'quickstart' });
  const file = new File([new Uint8Array(picture)], 'cat.png', { type: 'image/png' });
  return {
    async request() {
      const asset = await client.upload(file);
      assert.equal(asset.version, record.version);
    },
    close,
  };
}
