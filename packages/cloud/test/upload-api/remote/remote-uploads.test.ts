import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import type { RemoteFilesOptions } from '../../../src/upload-api/remote/remote-files-options.ts';
import type { UploadApiOptions } from '../../../src/upload-api/upload-api-options.ts';
import { type ApiServer, basic, form, signed, startApi } from '../api-server.ts';
import { freshSdk } from '../fresh-sdk.ts';
import { png } from '../png.ts';
import { type RemoteServer, startRemote } from './remote-servers.ts';

type Json = Readonly<Record<string, unknown>>;

async function post(api: ApiServer, body: FormData | URLSearchParams | string, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.apiUrl}/auto/upload`, { method: 'POST', headers, body });
  return { status: response.status, json: (await response.json()) as Json };
}

const messageOf = ({ json }: { readonly json: Json }) => String((json['error'] as Json | undefined)?.['message']);

describe('API: uploads of remote files', () => {
  let api: ApiServer;
  let remote: RemoteServer;
  const picture = png(40, 30);

  async function start(
    respond: RequestListener = (_, res) => void res.setHeader('Content-Type', 'image/png').end(picture),
    limits: Partial<RemoteFilesOptions> = {},
    overrides: Partial<UploadApiOptions> = {},
  ): Promise<string> {
    remote = await startRemote(respond);
    const remoteFiles = { hosts: [`127.0.0.1:${remote.port}`], privateAddresses: ['127.0.0.1'], ...limits };
    api = await startApi({ remoteFiles, uploadPresets: { closed: {}, open: { remoteFiles: true } }, ...overrides });
    return `http://127.0.0.1:${remote.port}/pets/my%20cat.png?size=large`;
  }

  /** Nothing is stored, published or reported. */
  async function assertNothing(): Promise<void> {
    assert.deepEqual([api.changes, await api.temporaryFiles(), api.faults], [[], [], []]);
  }

  afterEach(async () => {
    assert.deepEqual([await api.temporaryFiles(), api.faults], [[], []]);
    await api.close();
    await remote.close();
  });

  it('in a form, in JSON and urlencoded', async () => {
    const file = await start();
    const fields = { ...signed({ public_id: 'cat' }), file };
    const json = { 'content-type': 'application/json', authorization: basic };
    const calls = [
      () => post(api, form(fields)),
      () => post(api, new URLSearchParams(fields)),
      () => post(api, JSON.stringify({ file, public_id: 'cat' }), json),
    ];
    for (const call of calls) {
      const response = await call();
      assert.equal(response.status, 200, messageOf(response));
      const { public_id, width, format, bytes, original_filename } = response.json;
      assert.deepEqual(
        [public_id, width, format, bytes, original_filename],
        ['cat', 40, 'png', picture.length, 'my cat'],
      );
    }
    assert.equal(remote.requests.length, 3);
    const stored = await api.originals.find({ resourceType: 'image', publicId: 'cat' });
    assert.deepEqual(await stored?.bytesOf(), picture);
  });

  it('by the official SDK, with the name of the file', async () => {
    const url = await start();
    const cloudinary = freshSdk(api.origin);
    const result = await cloudinary.uploader.upload(url, { use_filename: true, unique_filename: false });
    assert.deepEqual([result.public_id, result.width], ['my_cat', 40]);
    await remote.close();
    const failed = await cloudinary.uploader.upload(url).catch((error: unknown) => error);
    assert.match(
      (failed as Error).message,
      /^Error in loading http:\/\/127\.0\.0\.1:\d+\/pets\/my%20cat\.png - its host/,
    );
  });

  it('raw files get their format from the URL', async () => {
    const file = await start((_, res) => void res.end('hello'));
    const response = await post(api, form({ ...signed({}), file: file.replace('cat.png', 'notes.txt') }));
    assert.deepEqual([response.status, response.json['resource_type'], response.json['format']], [200, 'raw', 'txt']);
  });

  it('are not offered by default, and the message names the option', async () => {
    for (const file of [await start(undefined, {}, { remoteFiles: undefined }), 's3://bucket/cat.jpg']) {
      const response = await post(api, form({ ...signed({}), file }));
      assert.equal(response.status, 400);
      assert.match(
        messageOf(response),
        /^Fetching remote URLs is not offered here\. .* remoteFiles .* --remote-files\.$/,
      );
    }
    assert.deepEqual(remote.requests, []);
    await assertNothing();
  });

  it('other schemes are refused', async () => {
    await start();
    for (const file of ['ftp://127.0.0.1/cat.jpg', 's3://bucket/cat.jpg', 'gs://bucket/cat.jpg']) {
      const response = await post(api, form({ ...signed({}), file }));
      assert.deepEqual(
        [response.status, messageOf(response).slice(0, 51)],
        [400, 'Remote files are fetched by http and https only. Se'],
      );
    }
    await assertNothing();
  });

  it('of an unsigned call are fetched only with a preset that allows it', async () => {
    const file = await start();
    const refused = await post(api, form({ upload_preset: 'closed', file }));
    assert.equal(refused.status, 400);
    assert.match(messageOf(refused), /unsigned upload .* set remoteFiles in the upload preset\.$/);
    assert.deepEqual(remote.requests, []);
    await assertNothing();
    assert.equal((await post(api, form({ upload_preset: 'open', file }))).status, 200);
    assert.equal((await post(api, form({ ...signed({ upload_preset: 'closed' }), file }))).status, 200);
  });

  it('nothing is fetched for a call that is refused', async () => {
    const file = await start();
    assert.equal((await post(api, form({ ...signed({}), signature: 'a'.repeat(40), file }))).status, 401);
    assert.equal((await post(api, form({ ...signed({ type: 'private' }), file }))).status, 400);
    assert.equal((await post(api, form({ file }))).status, 400);
    const twice = form({ ...signed({}), file });
    twice.append('file', file);
    assert.match(messageOf(await post(api, twice)), /^More than one file was sent/);
    const headers = { 'content-range': 'bytes 0-9/10', 'x-unique-upload-id': 'a' };
    assert.match(messageOf(await post(api, form({ ...signed({}), file }), headers)), /cannot be sent in parts/);
    assert.deepEqual(remote.requests, []);
    await assertNothing();
  });

  it('may stand before the signature', async () => {
    const file = await start();
    assert.equal((await post(api, form({ file, ...signed({}) }))).status, 200);
  });

  it('a repeat with the same Idempotency-Key fetches nothing', async () => {
    const file = await start();
    const headers = { 'idempotency-key': 'a' };
    const [first, second] = await Promise.all([
      post(api, form({ ...signed({}), file }), headers),
      post(api, form({ ...signed({}), file }), headers),
    ]);
    const third = await post(api, form({ ...signed({}), file }), headers);
    assert.deepEqual([first.status, second.json, third.json], [200, first.json, first.json]);
    const other = await post(api, form({ ...signed({}), file: `${file}&b` }), headers);
    assert.match(messageOf(other), /^This Idempotency-Key was sent with another request before/);
    assert.equal(remote.requests.length, 1);
  });

  it('after a failure, a repeat fetches the file again', async () => {
    let count = 0;
    const file = await start((_, res) => {
      count += 1;
      if (count === 1) res.writeHead(503).end();
      else res.end(picture);
    });
    const headers = { 'idempotency-key': 'a' };
    const failed = await post(api, form({ ...signed({}), file }), headers);
    assert.match(messageOf(failed), / - 503 Service Unavailable$/);
    await assertNothing();
    assert.equal((await post(api, form({ ...signed({}), file }), headers)).status, 200);
  });

  const faults: readonly (readonly [name: string, respond: RequestListener, message: RegExp])[] = [
    ['too large', (_, res) => void res.write(Buffer.alloc(200_000)), / - File size too large\. At most 100000 bytes/],
    [
      'cut off',
      (_, res) => {
        res.writeHead(200, { 'content-length': 50_000 }).write(Buffer.alloc(10_000), () => res.destroy());
      },
      / - the connection has ended before the end of the file$/,
    ],
    ['empty', (_, res) => void res.end(), /^Empty file$/],
    [
      'redirected to a private address',
      (_, res) => void res.writeHead(302, { location: '//10.0.0.1' }).end(),
      /not fetched/,
    ],
  ];
  for (const [name, respond, message] of faults) {
    it(`a file that is ${name} is refused, and nothing is stored`, async () => {
      const file = await start(respond, { maxBytes: 100_000 });
      const response = await post(api, form({ ...signed({}), file }));
      assert.equal(response.status, 400);
      assert.match(messageOf(response), message);
      await assertNothing();
    });
  }

  it('are counted with the other bytes that are arriving', async () => {
    const large: RequestListener = (_, res) => void res.end(Buffer.alloc(400_000, 'x'));
    const file = await start(large, {}, { incoming: { maxIncomingBytes: 300_000 } });
    const response = await post(api, form({ ...signed({}), file }));
    assert.equal(response.status, 503);
    await assertNothing();
  });
});
