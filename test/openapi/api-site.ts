import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';

export const apiKey = '1234';
export const apiSecret = 'safelight-secret';

/** A server with one cloud, `demo`, which has an index, a preset and a named transformation. */
export interface ApiSite {
  readonly origin: string;
  /** Sends a request with Basic authorization. `path` is below `/v1_1/demo/`, or begins with a slash. */
  call(method: string, path: string, body?: Readonly<Record<string, unknown>>): Promise<ApiReply>;
  /** Sends a GET to a path of the server, with Basic authorization. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ApiReply>;
  close(): Promise<void>;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read members of many responses
  readonly body: any;
}

const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;

/** @param mount - the path that the cloud is mounted at @default '' */
export async function startApiSite(mount = ''): Promise<ApiSite> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-openapi-'));
  const index = sqliteAssetIndex({ file: join(directory, 'index.db') });
  const originals = indexedOriginals(fileOriginals({ directory: join(directory, 'originals') }), index);
  await originals.catchUp();
  const app = express();
  const middleware = cloud(createSafelight(), 'demo', {
    originals,
    index,
    handler: sharpHandler({ isolation: 'none' }),
    apiKey,
    apiSecret,
    uploadPresets: ['quickstart'],
    transformations: { small: 'c_scale,w_20' },
  });
  app.use(mount === '' ? '/' : mount, middleware);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (url: string, init: RequestInit): Promise<ApiReply> => {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  return {
    origin,
    call: (method, path, body) =>
      send(`${origin}${mount}${path.startsWith('/') ? '' : '/v1_1/demo/'}${path}`, {
        method,
        headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    get: (path, headers = {}) => send(`${origin}${path}`, { headers: { authorization, ...headers } }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await index.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A PNG with one pixel. */
export const onePixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
