import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { AssetId, Originals } from '@safelight/core';
import type { UploadApiOptions } from '../../src/upload-api/upload-api-options.ts';
import { type ApiServer, basic, form, signed, startApi } from './api-server.ts';
import { png } from './png.ts';

const nameOf = ({ resourceType, publicId }: AssetId) => `${resourceType}/${publicId}`;

describe('API: an asset arrives', () => {
  let api: ApiServer;
  let events: string[];
  let begun: PromiseWithResolvers<void>;
  afterEach(() => api.close());

  async function start(overrides: Partial<UploadApiOptions> = {}, wrap?: (originals: Originals) => Originals) {
    events = [];
    begun = Promise.withResolvers<void>();
    api = await startApi(
      {
        changing(asset) {
          events.push(`${nameOf(asset)} arrives`);
          begun.resolve();
          const over = `${nameOf(asset)} over`;
          return () => {
            if (!events.includes(over)) events.push(over);
          };
        },
        changed: async (asset) => void events.push(`${nameOf(asset)} changed`),
        ...overrides,
      },
      wrap,
    );
  }

  async function post(path: string, body: FormData | string, headers: Record<string, string> = {}): Promise<number> {
    const response = await fetch(`${api.apiUrl}/${path}`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  }

  const asOwner = { authorization: basic };
  const arrived = ['image/cat arrives', 'image/cat changed', 'image/cat over'];

  it('from the parameters of its upload until it is confirmed', async () => {
    await start();
    const bytes = png(4, 3);
    assert.equal(await post('image/upload', form(signed({ public_id: 'cat' }), bytes)), 200);
    assert.deepEqual(events, arrived);
  });

  it('when it is sent as text in JSON', async () => {
    await start();
    const file = `data:image/png;base64,${png(4, 3).toString('base64')}`;
    const body = JSON.stringify({ ...signed({ public_id: 'cat' }), file });
    assert.equal(await post('image/upload', body, { 'content-type': 'application/json' }), 200);
    assert.deepEqual(events, arrived);
  });

  it('under the public ID that its preset makes', async () => {
    await start({ uploadPresets: { visitors: { folder: 'guests' } } });
    const body = form({ upload_preset: 'visitors', public_id: 'cat' }, png(4, 3));
    assert.equal(await post('image/upload', body), 200);
    assert.deepEqual(
      events,
      arrived.map((line) => line.replace('cat', 'guests/cat')),
    );
  });

  it('as an image until its type is known', async () => {
    await start();
    const text = new TextEncoder().encode('a text');
    assert.equal(await post('auto/upload', form(signed({ public_id: 'notes' }), text, 'notes.txt')), 200);
    assert.deepEqual(events, [
      'image/notes arrives',
      'image/notes over',
      'raw/notes arrives',
      'raw/notes changed',
      'raw/notes over',
    ]);
  });

  it('under another ID when a parameter after the file changes it', async () => {
    await start();
    const body = form({ public_id: 'cat' }, png(4, 3));
    body.append('folder', 'pets');
    assert.equal(await post('image/upload', body, asOwner), 200);
    assert.deepEqual(events, [
      ...arrived.slice(0, 1),
      'image/cat over',
      ...arrived.map((line) => line.replace('cat', 'pets/cat')),
    ]);
  });

  it('under its new ID in a rename, not under the old one', async () => {
    await start();
    await post('image/upload', form({ public_id: 'cat' }, png(4, 3)), asOwner);
    events.length = 0;
    assert.equal(await post('image/rename', form({ from_public_id: 'cat', to_public_id: 'tom' }), asOwner), 200);
    assert.deepEqual(events, ['image/tom arrives', 'image/tom changed', 'image/cat changed', 'image/tom over']);
  });

  it('only when it does not exist: otherwise the state ends before the change', async () => {
    await start();
    for (const again of [false, true]) {
      events.length = 0;
      assert.equal(await post('image/upload', form({ public_id: 'cat' }, png(4, 3)), asOwner), 200);
      assert.equal(events.indexOf('image/cat over') < events.indexOf('image/cat changed'), again);
    }
  });

  it('not under a random ID, which no client knows; the ID is not looked up either', async () => {
    const found: string[] = [];
    await start({}, (originals) => ({
      ...originals,
      find(asset, version) {
        found.push(nameOf(asset));
        return originals.find(asset, version);
      },
    }));
    assert.equal(await post('image/upload', form({}, png(4, 3)), asOwner), 200);
    assert.equal(events.length, 1);
    assert.match(events[0] ?? '', /^image\/[a-z0-9]{20} changed$/);
    assert.deepEqual(found, []);
  });

  it('under the name of its file, which a client can know', async () => {
    await start();
    const parameters = { use_filename: '1', unique_filename: '0' };
    assert.equal(await post('image/upload', form(parameters, png(4, 3), 'cat.png'), asOwner), 200);
    assert.deepEqual(events, arrived);
  });

  it('by a look-up before the upload itself is visible', async () => {
    const search = Promise.withResolvers<void>();
    let isFirst = true;
    let hasPublished = false;
    await start({}, (originals) => ({
      ...originals,
      async find(asset, version) {
        const stops = isFirst;
        isFirst = false;
        if (stops) await search.promise;
        return originals.find(asset, version);
      },
      async publish(received, asset) {
        if (asset.publicId === 'cat') hasPublished = true;
        return originals.publish(received, asset);
      },
    }));
    const uploaded = post('image/upload', form({ public_id: 'cat' }, png(4, 3)), asOwner);
    await begun.promise;
    assert.equal(await post('image/upload', form({ public_id: 'dog' }, png(4, 3)), asOwner), 200);
    assert.equal(hasPublished, false, 'while a whole other upload went by');
    search.resolve();
    assert.equal(await uploaded, 200);
    assert.deepEqual(
      events.filter((line) => line.includes('cat')),
      arrived,
    );
  });

  it('until the eager derivatives are made', async () => {
    await start({
      derive: async () => {
        events.push('derived');
        return { contentType: 'image/jpeg', format: 'jpg', body: Buffer.alloc(7) };
      },
    });
    assert.equal(await post('image/upload', form({ public_id: 'cat', eager: 'w_10' }, png(4, 3)), asOwner), 200);
    assert.deepEqual(events.slice(0, 4), [...arrived, 'derived']);
  });

  it('until its upload fails', async () => {
    const text = new TextEncoder().encode('a text');
    await start();
    assert.equal(await post('image/upload', form({ public_id: 'cat' }, text), asOwner), 400);
    assert.deepEqual(events, ['image/cat arrives', 'image/cat over']);
  });

  it('until its upload could not be confirmed', async () => {
    await start({ changed: () => Promise.reject(new Error('down')) });
    assert.equal(await post('image/upload', form({ public_id: 'cat' }, png(4, 3)), asOwner), 503);
    assert.deepEqual([events.at(0), events.at(-1)], ['image/cat arrives', 'image/cat over']);
  });

  it('while its bytes arrive, until its client closes the connection', async () => {
    await start();
    const { port, hostname } = new URL(api.origin);
    const parts = Object.entries(signed({ public_id: 'cat' }))
      .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('');
    const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nhalf of a pic';
    const type = 'Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9999';
    const socket = connect(Number(port), hostname);
    socket.write(`POST /v1_1/demo/image/upload HTTP/1.1\r\nHost: x\r\n${type}\r\n\r\n${parts}${file}`);
    await begun.promise;
    assert.deepEqual(events, ['image/cat arrives']);
    socket.destroy();
    while (events.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(events, ['image/cat arrives', 'image/cat over']);
  });

  it('never by a caller without permission', async () => {
    await start();
    const bytes = png(4, 3);
    const { signature: _, ...unsigned } = signed({ public_id: 'cat' });
    const calls: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['image/upload', { public_id: 'cat' }],
      ['image/upload', unsigned],
      ['image/upload', { ...unsigned, signature: 'forged' }],
      ['image/upload', { ...signed({ public_id: 'dog' }), public_id: 'cat' }],
      ['image/upload', signed({ public_id: 'cat' }, Date.now() - 2 * 3_600_000)],
      ['image/upload', { public_id: 'cat', upload_preset: 'nobodys' }],
      ['image/upload', { public_id: 'cat', upload_preset: 'quickstart', overwrite: 'true' }],
      ['image/rename', { from_public_id: 'cat', to_public_id: 'tom', upload_preset: 'quickstart' }],
    ];
    for (const [path, fields] of calls) {
      const status = await post(path, form(fields, bytes));
      assert.ok(status === 400 || status === 401, `${status}`);
    }
    assert.deepEqual(events, []);
  });
});
