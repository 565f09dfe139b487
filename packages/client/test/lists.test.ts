import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@safelight/client';
import { createFakeClient } from '@safelight/client/testing';
import { cloud } from '@safelight/cloud';
import type { AssetIndex } from '@safelight/core';
import { createSafelight } from '@safelight/express';
import { fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import sharp from 'sharp';

const apiKey = 'key';
const apiSecret = 'secret';

describe('lists of a client with credentials', function () {
  this.timeout(30_000);
  let directory: string;
  let index: AssetIndex;
  let server: Server;
  let client: Client;
  let endpoint: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-lists-'));
    index = sqliteAssetIndex({ file: join(directory, 'index.db') });
    const originals = indexedOriginals(fileOriginals({ directory: join(directory, 'originals') }), index);
    await originals.catchUp();
    const options = { originals, index, handler: sharpHandler(), apiKey, apiSecret };
    const listener = cloud(createSafelight(), 'demo', options);
    server = createServer((req, res) => void listener(req, res, () => res.writeHead(404).end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const authorization = `Basic ${btoa(`${apiKey}:${apiSecret}`)}`;
    client = createClient({ endpoint, cloudName: 'demo', headers: () => ({ authorization }) });
    const png = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    for (const [publicId, tags, context] of [
      ['shoes/red', 'shoe,red', 'caption=Red shoe'],
      ['shoes/old/blue', 'shoe,blue', ''],
      ['cat', '', ''],
    ] as const) {
      const body = new FormData();
      for (const [name, value] of Object.entries({ public_id: publicId, tags, context })) body.set(name, value);
      body.set('file', new Blob([png]), 'a.png');
      const url = `${endpoint}/v1_1/demo/image/upload`;
      const response = await fetch(url, { method: 'POST', body, headers: { authorization } });
      assert.equal(response.status, 200);
    }
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    await index.close();
    await rm(directory, { recursive: true });
  });

  const idsOf = (page: { readonly assets: readonly { readonly asset: { readonly publicId: string } }[] }) =>
    page.assets.map(({ asset }) => asset.publicId);

  it('lists by public ID, prefix, tag and context', async () => {
    assert.deepEqual(idsOf(await client.list()), ['cat', 'shoes/old/blue', 'shoes/red']);
    assert.deepEqual(idsOf(await client.list({ prefix: 'shoes/o' })), ['shoes/old/blue']);
    assert.deepEqual(idsOf(await client.list({ tag: 'red' })), ['shoes/red']);
    assert.deepEqual(idsOf(await client.list({ context: { key: 'caption' } })), ['shoes/red']);
    assert.deepEqual(idsOf(await client.list({ resourceType: 'raw' })), []);
  });

  it('gives assets with URLs, and what their owner knows', async () => {
    const [found] = (await client.list({ tag: 'red' })).assets;
    assert.deepEqual(
      [found?.tags, found?.context, found?.displayName],
      [['shoe', 'red'], { caption: 'Red shoe' }, 'red'],
    );
    const response = await fetch(String(found?.asset.url({ width: 4 })));
    const { width } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    assert.equal(width, 4);
  });

  it('walks through pages', async () => {
    const first = await client.list({ limit: 2 });
    const second = await client.list({ limit: 2, after: first.next });
    assert.deepEqual([idsOf(first), idsOf(second)], [['cat', 'shoes/old/blue'], ['shoes/red']]);
    assert.equal(second.next, undefined);
  });

  it('walks through all images of a tag or a folder', async () => {
    const walk = async (options: Parameters<Client['images']>[0]) => {
      const ids: string[] = [];
      for await (const image of client.images(options)) ids.push(image.publicId);
      return ids.sort();
    };
    assert.deepEqual(await walk({ tag: 'shoe' }), ['shoes/old/blue', 'shoes/red']);
    assert.deepEqual(await walk({ folder: 'shoes/' }), ['shoes/old/blue', 'shoes/red']);
    assert.deepEqual(await walk({}), ['cat', 'shoes/old/blue', 'shoes/red']);
    await assert.rejects(walk({ tag: 'a', folder: 'b' }), /tag or folder, not both/);
  });

  it('searches', async () => {
    const page = await client.search('tags=shoe AND NOT tags=blue', { sortBy: [{ public_id: 'asc' }] });
    assert.deepEqual([idsOf(page), page.total, page.next], [['shoes/red'], 1, undefined]);
    await assert.rejects(client.search('tags=shoe AND'), { name: 'SafelightError', code: 'rejected', status: 400 });
  });

  it('rejects without credentials, and names a wrong option', async () => {
    const page = createClient({ endpoint, cloudName: 'demo' });
    await assert.rejects(page.list(), { code: 'rejected', status: 401 });
    await assert.rejects(client.list({ limt: 5 } as object), /list\(\) has no option "limt"/);
  });

  it('has a fake for tests', async () => {
    const fake = createFakeClient({
      assets: ['b/1', 'b/2', 'a'].map((publicId) => ({ publicId, version: 5, resourceType: 'image', format: 'jpg' })),
    });
    const first = await fake.list({ limit: 2 });
    assert.deepEqual([idsOf(first), idsOf(await fake.list({ after: first.next }))], [['a', 'b/1'], ['b/2']]);
    await assert.rejects(fake.search('cat'), { code: 'unsupported' });
  });
});
