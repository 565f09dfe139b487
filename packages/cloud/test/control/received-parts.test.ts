import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloud } from '@safelight/cloud';
import { createSafelight, type SafelightOptions } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import type { ReceivedParts } from '@safelight/protocol';
import { sharpHandler } from '@safelight/sharp';
import { messageOf, type Part, partSender, type Response } from '../upload-api/part-sender.ts';

const path = '/_safelight/uploads?cloud=demo';
const uploadId = '0123456789abcdef0123456789abcdef';
const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
const authorization = `Basic ${btoa('1234:safelight-secret')}`;

describe('the route that says which parts a server has', () => {
  let server: Server;
  let directory: string;
  let origin: string;
  let now: number;
  let send: (part: Part) => Promise<Response>;

  async function start(options: SafelightOptions = {}) {
    now = Date.now();
    directory = await mkdtemp(join(tmpdir(), 'safelight-uploads-'));
    const demo = cloud(createSafelight({ clock: () => now, ...options }), 'demo', {
      originals: fileOriginals({ directory }),
      handler: sharpHandler(),
      apiKey: '1234',
      apiSecret: 'safelight-secret',
      uploadPresets: ['quickstart', 'others'],
    });
    server = createServer((req, res) => demo(req, res, () => res.writeHead(404).end('passed on')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sendPart = partSender({ apiUrl: `${origin}/v1_1/demo` }, file);
    send = (part) => sendPart({ uploadId, ...part });
  }

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = (id: string | undefined = uploadId, target = path): Promise<globalThis.Response> =>
    fetch(origin + target, { headers: id === '' ? {} : { 'x-unique-upload-id': id } });
  const received = async (id?: string) => (await (await ask(id)).json()) as ReceivedParts;
  const nothing: ReceivedParts = { received: [], total: null };

  it('lists the parts in the order of the file, with exclusive ends', async () => {
    await start();
    await send({ start: 20, end: 26, total: 26 });
    await send({ start: 0, end: 10, total: -1 });
    const response = await ask();
    assert.deepEqual([response.status, response.headers.get('cache-control')], [200, 'no-store']);
    assert.deepEqual(await response.json(), {
      received: [
        { start: 0, end: 10 },
        { start: 20, end: 26 },
      ],
      total: 26,
    });
  });

  it('has no total until a part has stated it', async () => {
    await start();
    await send({ start: 0, end: 10, total: -1 });
    assert.deepEqual(await received(), { received: [{ start: 0, end: 10 }], total: null });
  });

  it('does not list a part that was refused', async () => {
    await start();
    assert.equal((await send({ start: 0, end: 10, fields: { upload_preset: 'unknown' } })).status, 400);
    assert.deepEqual(await received(), nothing);
  });

  it('knows nothing of an unknown ID, with status 200', async () => {
    await start();
    assert.equal((await ask()).status, 200);
    assert.deepEqual(await received(), nothing);
  });

  it('lists all parts of a complete upload for ten minutes, while its response is remembered', async () => {
    await start();
    await send({ start: 0, end: 10 });
    const { json } = await send({ start: 10, end: 26 });
    now += 599_999;
    const { received: parts } = await received();
    assert.deepEqual(parts, [
      { start: 0, end: 10 },
      { start: 10, end: 26 },
    ]);
    assert.deepEqual((await send({ start: 10, end: 26 })).json, json);
  });

  it('takes an ID that two senders use for an unknown one', async () => {
    await start();
    await send({ start: 0, end: 10 });
    for (const other of [
      { fields: { upload_preset: 'others', public_id: 'notes' } },
      { fields: { public_id: 'notes' }, headers: { authorization } },
    ]) {
      await send({ start: 10, end: 26, ...other });
      assert.deepEqual(await received(), nothing);
    }
  });

  for (const [title, id] of [
    ['is missing', ''],
    ['has fewer than 16 characters', uploadId.slice(0, 15)],
    ['has more than 255 characters', 'x'.repeat(256)],
  ] as const) {
    it(`refuses an ID that ${title}, without repeating it`, async () => {
      await start();
      const response = await ask(id);
      const text = await response.text();
      assert.equal(response.status, 400);
      assert.match(text, /X-Unique-Upload-Id/);
      assert.ok(id === '' || !text.includes(id));
    });
  }

  it('does not read the ID from the URL', async () => {
    await start();
    await send({ start: 0, end: 10 });
    assert.equal((await ask('', `${path}&X-Unique-Upload-Id=${uploadId}`)).status, 400);
  });

  it('responds to HEAD, and for the only cloud also without its name', async () => {
    await start();
    const head = await fetch(origin + path, { method: 'HEAD', headers: { 'x-unique-upload-id': uploadId } });
    assert.equal(head.status, 200);
    assert.equal((await ask(uploadId, '/_safelight/uploads')).status, 200);
    assert.equal((await ask(uploadId, '/_safelight/uploads?cloud=other')).status, 404);
  });

  it('lets pages of other origins send the ID and read the response', async () => {
    await start();
    const preflight = await fetch(origin + path, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://example.org',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-unique-upload-id',
      },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /\bX-Unique-Upload-Id\b/);
    assert.equal((await ask()).headers.get('access-control-allow-origin'), '*');
  });

  it('has the rate of the control routes', async () => {
    await start({ whyRate: { perSecond: 0.5, burst: 1 } });
    assert.equal((await ask()).status, 200);
    const refused = await ask();
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2']);
    const json = (await refused.json()) as Response['json'];
    assert.equal(
      messageOf({ status: 429, headers: refused.headers, json }),
      'Too many requests for /_safelight/uploads; repeat this one in 2 s.',
    );
  });
});
