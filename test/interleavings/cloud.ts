import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import type { Originals } from '@safelight/core';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { memoryStore } from '@safelight/stores';
import { type ChaosControl, chaosStore } from '@safelight/stores/chaos';

export interface CloudServer {
  readonly chaos: ChaosControl;
  /** Requests the text file of this public ID. @returns the body of a success, otherwise the status */
  get(publicId: string): Promise<string>;
  /** Uploads a text under a public ID. @returns the status */
  upload(publicId: string, text: string): Promise<number>;
  rename(from: string, to: string): Promise<number>;
  close(): Promise<void>;
}

const authorization = `Basic ${Buffer.from('key:secret').toString('base64')}`;

/** A cloud with originals in a new folder. `wrap` may delay the calls to the originals. */
export async function startCloud(wrap: (originals: Originals) => Originals): Promise<CloudServer> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-cloud-'));
  const store = chaosStore(memoryStore());
  const safelight = createSafelight({ store, onError: () => {} });
  const delivery = cloud(safelight, 'demo', {
    originals: wrap(fileOriginals({ directory })),
    handler: () => Promise.reject(new Error('These tests request only raw files.')),
    apiKey: 'key',
    apiSecret: 'secret',
  });
  const server = createServer((req, res) => delivery(req, res, () => res.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function post(path: string, fields: Readonly<Record<string, string | Blob>>): Promise<number> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const response = await fetch(`${origin}/v1_1/demo/raw/${path}`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  }

  return {
    chaos: store.control,
    async get(publicId) {
      const response = await fetch(`${origin}/demo/raw/upload/${publicId}`);
      const body = await response.text();
      return response.ok ? body : String(response.status);
    },
    upload: (publicId, text) => post('upload', { public_id: publicId, file: new Blob([text]) }),
    rename: (from, to) => post('rename', { from_public_id: from, to_public_id: to }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
