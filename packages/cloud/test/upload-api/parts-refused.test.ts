import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type ApiServer, form, signed, startApi } from './api-server.ts';
import {
  messageOf,
  type Part,
  partSender,
  type Response,
  storedBytes,
  untilNothingIsTemporary,
} from './part-sender.ts';

const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
const first: Part = { start: 0, end: 10 };
const second: Part = { start: 10, end: 20 };
const last: Part = { start: 20, end: 26 };

describe('a part that is refused', () => {
  let api: ApiServer;
  let send: (part: Part) => Promise<Response>;

  async function start(options: Parameters<typeof startApi>[0] = {}) {
    api = await startApi(options);
    send = partSender(api, file);
  }

  afterEach(async () => {
    await untilNothingIsTemporary(api);
    assert.deepEqual(api.faults, []);
    await api.close();
  });

  const unsigned = { upload_preset: 'quickstart' };
  const refusals: readonly (readonly [string, Part, number, RegExp | string])[] = [
    [
      'overlaps another',
      { start: 5, end: 15 },
      400,
      'This part (bytes 5-14) overlaps bytes 0-9, which were received before. Use the same parts of the file when you repeat one; received: bytes 0-9.',
    ],
    ['is inside another', { start: 2, end: 3 }, 400, /^This part \(bytes 2-2\) overlaps bytes 0-9/],
    ['is around another', { start: 0, end: 20 }, 400, /^This part \(bytes 0-19\) overlaps bytes 0-9/],
    [
      'has other bytes than the same part had before',
      { ...first, bytes: file.slice(1, 11) },
      400,
      'Different bytes were received before as bytes 0-9. Send another file under a new X-Unique-Upload-Id; received: bytes 0-9.',
    ],
    [
      'has another total than an earlier part',
      { ...second, total: 27 },
      400,
      'By an earlier part the file has 26 bytes, but by this part it has 27. Send the same total with all parts.',
    ],
    [
      'goes beyond the end of the file',
      { start: 20, end: 30, total: -1, bytes: file.slice(0, 10) },
      400,
      'A file of 26 bytes ends before byte 29; received: bytes 0-9.',
    ],
    [
      'names another asset',
      { ...second, fields: { ...unsigned, public_id: 'other' } },
      400,
      /^The first part of this upload is for raw "notes", but this part is for raw "other"\. .*received: bytes 0-9\.$/,
    ],
    [
      'names no asset',
      { ...second, fields: unsigned },
      400,
      /is for raw "notes", but this part is for raw without a public_id/,
    ],
    ['is of another type', { ...second, type: 'image' }, 400, /is for raw "notes", but this part is for image "notes"/],
    [
      'has fewer bytes than its range',
      { ...second, bytes: file.slice(10, 19) },
      400,
      /^The part has 9 bytes, but its Content-Range names 10/,
    ],
    [
      'has more bytes than its range',
      { ...second, bytes: file.slice(10, 21) },
      400,
      /^The part has more than the 10 bytes of bytes 10-19/,
    ],
    ['has no upload ID', { ...second, uploadId: '' }, 400, /^Missing header X-Unique-Upload-Id\. Choose a new one/],
    ['has an upload ID that is too long', { ...second, uploadId: 'x'.repeat(256) }, 400, /longer than 255 characters$/],
    ['is not signed', { ...second, fields: { public_id: 'notes' } }, 400, /^Upload preset must be specified/],
    [
      'has a wrong signature',
      { ...second, fields: { ...signed({ public_id: 'notes' }), signature: 'x' } },
      401,
      /^Invalid Signature/,
    ],
    [
      'has a signature that is too old',
      { ...second, fields: signed({ public_id: 'notes' }, Date.now() - 2 * 3_600_000) },
      400,
      /^Stale request/,
    ],
    [
      'has a parameter that is not allowed',
      { ...second, fields: { ...unsigned, overwrite: '1' } },
      400,
      /^Parameter overwrite is not/,
    ],
    ['has an invalid public ID', { ...second, fields: { ...unsigned, public_id: '../x' } }, 400, /^Invalid public_id/],
  ];
  for (const [title, part, status, message] of refusals) {
    it(`${title}: no received part is lost`, async () => {
      await start();
      await send(first);
      const response = await send(part);
      assert.equal(response.status, status, messageOf(response));
      if (typeof message === 'string') assert.equal(messageOf(response), message);
      else assert.match(messageOf(response), message);
      await send(second);
      assert.equal((await send(last)).status, 200);
      assert.deepEqual(await storedBytes(api), Buffer.from(file));
    });
  }

  const ranges: readonly (readonly [string, RegExp])[] = [
    ['bytes 0-9', /It is malformed\. Expected bytes <first>-<last>\/<total>/],
    ['bytes=0-9/26', /It is malformed/],
    ['items 0-9/26', /It is malformed/],
    ['bytes 0-9/-2', /It is malformed/],
    ['bytes */26', /It is malformed/],
    ['bytes 9-8/26', /It has no bytes/],
    ['bytes 9-0/26', /It has no bytes/],
    ['bytes 0--1/26', /It has no bytes/],
    ['bytes 0--1/-1', /It has no bytes/],
    ['bytes 20-26/26', /Its last byte is after the end of the file/],
  ];
  for (const [range, message] of ranges) {
    it(`has the Content-Range ${range}`, async () => {
      await start();
      const response = await send({ ...first, headers: { 'content-range': range } });
      assert.equal(response.status, 400);
      assert.match(messageOf(response), message);
    });
  }

  it('has a Content-Length below its range; its body is not read', async () => {
    await start();
    const headers = {
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': '1000',
      'content-range': 'bytes 0-4999999/12000000',
      'x-unique-upload-id': 'u1',
    };
    const call = request(`${api.apiUrl}/raw/upload`, { method: 'POST', headers });
    call.on('error', () => undefined);
    call.flushHeaders();
    const status = await new Promise((resolve) => call.on('response', (response) => resolve(response.statusCode)));
    call.destroy();
    assert.equal(status, 400);
  });

  it('is sent to another operation', async () => {
    await start();
    const response = await fetch(`${api.apiUrl}/raw/destroy`, {
      method: 'POST',
      headers: { 'content-range': 'bytes 0-9/26', 'x-unique-upload-id': 'u1' },
      body: form(signed({ public_id: 'notes' })),
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /Only uploads can be sent in parts/);
  });

  it('has an eager parameter that cannot be read, already in the first part', async () => {
    await start();
    const response = await send({ ...first, fields: signed({ public_id: 'notes', eager: 'w_abc' }) });
    assert.equal(response.status, 400);
    assert.match(messageOf(response), /^Invalid value for parameter eager/);
  });

  it('is of a file that is too large: all its parts are removed', async () => {
    await start({ maxUploadBytes: 25 });
    assert.equal((await send(first)).status, 413);
    for (const part of [first, second]) assert.equal((await send({ ...part, total: -1 })).status, 200);
    const response = await send(last);
    assert.deepEqual(
      [response.status, messageOf(response)],
      [413, 'File size too large. At most 25 bytes are accepted.'],
    );
    await untilNothingIsTemporary(api);
  });

  it('makes the file too large, but has no permission: no received part is lost', async () => {
    await start({ maxUploadBytes: 26 });
    await send({ ...first, total: -1 });
    const huge = { start: 26, end: 27, bytes: file.slice(0, 1), total: -1 };
    assert.equal((await send({ ...huge, fields: { public_id: 'notes' } })).status, 413);
    await send(second);
    assert.equal((await send(last)).status, 200);
  });

  it('is smaller than minPartBytes', async () => {
    await start({ parts: { minPartBytes: 10 } });
    const response = await send({ start: 0, end: 9 });
    assert.deepEqual(
      [response.status, messageOf(response)],
      [400, 'All parts except EOF-chunk must have at least 10 bytes. This one has 9.'],
    );
    for (const part of [first, second, last]) assert.equal((await send(part)).status, 200);
  });
});
