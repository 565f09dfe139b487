import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createUploader, type UploaderOptions, type UploadProgress } from '@safelight/client/upload';
import ky from 'ky';
import { catResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startTestServer, type TestServer, type WireRequest } from './upload-server.ts';

const text = 'abcdefghijklmnopqrstuvwxyz';
const partResponse = { done: false, bytes: 10, public_id: 'cat', resource_type: 'image', kind: 'upload' };
const isLast = ({ headers }: WireRequest): boolean => headers['content-range'] === 'bytes 20-25/26';
const respondWithPart: Response = (request, res) => respondWithJson(res, isLast(request) ? catResponse : partResponse);
const rangesOf = (server: TestServer) => server.requests.map(({ headers }) => headers['content-range']);

describe('an upload in parts', () => {
  const servers: TestServer[] = [];
  const serve = async (response: Response, options: Partial<UploaderOptions> = {}) => {
    const server = await startTestServer(response);
    servers.push(server);
    const upload = createUploader({
      endpoint: server.origin,
      cloudName: 'demo',
      uploadPreset: 'quickstart',
      chunkBytes: 10,
      random: () => 0,
      ...options,
    });
    return { server, upload };
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('sends one part after the other, each with its range and all fields, under one ID', async () => {
    const { server, upload } = await serve(respondWithPart);
    const asset = await upload(new File([text], 'alphabet.txt'), { publicId: 'cat' });
    assert.equal(asset.version, catResponse.version);
    assert.deepEqual(rangesOf(server), ['bytes 0-9/26', 'bytes 10-19/26', 'bytes 20-25/26']);
    assert.deepEqual(
      server.requests.map(({ fields }) => fields.at(-1)),
      ['abcdefghij', 'klmnopqrst', 'uvwxyz'].map((value) => ({ name: 'file', filename: 'alphabet.txt', value })),
    );
    for (const { url, headers, fields } of server.requests) {
      assert.equal(url, '/v1_1/demo/auto/upload');
      assert.equal(headers['x-unique-upload-id'], server.requests[0]?.headers['x-unique-upload-id']);
      assert.match(String(headers['x-unique-upload-id']), /^\d+(-\d+){3}$/);
      assert.equal(headers['idempotency-key'], undefined);
      assert.match(headers['content-length'] ?? '', /^\d+$/);
      assert.deepEqual(
        fields.map(({ name }) => name),
        ['upload_preset', 'public_id', 'file'],
      );
    }
  });

  it('sends a file of exactly one part in one request, without a range', async () => {
    const { server, upload } = await serve((_request, res) => respondWithJson(res, catResponse));
    await upload(new Blob(['0123456789']));
    assert.deepEqual(rangesOf(server), [undefined]);
    assert.equal(server.requests[0]?.headers['x-unique-upload-id'], undefined);
  });

  it("uses the caller's idempotency key", async () => {
    const { server, upload } = await serve(respondWithPart);
    await upload(new Blob([text]), { uploadKey: 'mine' });
    assert.ok(server.requests.every(({ headers }) => headers['x-unique-upload-id'] === 'mine'));
  });

  it('repeats the part whose connection was lost, and no other', async () => {
    const { server, upload } = await serve((request, res) =>
      server.requests.length === 2 ? res.socket?.destroy() : respondWithPart(request, res),
    );
    await upload(new Blob([text]));
    assert.deepEqual(rangesOf(server), ['bytes 0-9/26', 'bytes 10-19/26', 'bytes 10-19/26', 'bytes 20-25/26']);
  });

  it('has the full number of repeats for each part', async () => {
    const seen = new Map<unknown, number>();
    const { server, upload } = await serve((request, res) => {
      const range = request.headers['content-range'];
      const times = (seen.get(range) ?? 0) + 1;
      seen.set(range, times);
      return times === 1 ? res.socket?.destroy() : respondWithPart(request, res);
    });
    await upload(new Blob([text]), { retries: 1 });
    assert.equal(server.requests.length, 6);
  });

  it('fails when a part is lost after the last repeat', async () => {
    const { server, upload } = await serve((request, res) =>
      isLast(request) ? res.socket?.destroy() : respondWithPart(request, res),
    );
    await assert.rejects(upload(new Blob([text]), { retries: 1 }), { code: 'network', retryable: true });
    assert.equal(server.requests.length, 4);
  });

  it('repeats a stalled part; a stalled file in one request fails', async () => {
    const { server } = await serve(respondWithPart);
    let calls = 0;
    const stalling = ky.create({
      fetch: (input, init) =>
        ++calls === 2 ? new Promise((_resolve, reject) => rejectOnAbort(input as Request, reject)) : fetch(input, init),
    });
    const patient = createUploader({ endpoint: server.origin, cloudName: 'demo', chunkBytes: 10, ky: stalling });
    await patient(new Blob([text]), { stallTimeoutMs: 60, onProgress: () => undefined });
    assert.equal(calls, 4);
    assert.equal(server.requests.length, 3);
    calls = 1;
    const whole = createUploader({ endpoint: server.origin, cloudName: 'demo', ky: stalling });
    await assert.rejects(whole(new Blob([text]), { stallTimeoutMs: 60, onProgress: () => undefined }), {
      code: 'stalled',
    });
  });

  it('stops when a response refuses a part', async () => {
    const { server, upload } = await serve((_request, res) =>
      respondWithJson(res, { error: { message: 'All parts except EOF-chunk must be larger than 5mb' } }, 400),
    );
    await assert.rejects(upload(new Blob([text])), { code: 'rejected', status: 400, message: /larger than 5mb\.$/ });
    assert.equal(server.requests.length, 1);
  });

  it('fails when the response to the last part expects further parts', async () => {
    const { upload } = await serve((_request, res) => respondWithJson(res, partResponse));
    await assert.rejects(upload(new Blob([text])), { code: 'protocol', message: /version is "undefined"/ });
  });

  it('counts the bytes of the whole file upwards, and is processing once, when all of them are sent', async () => {
    const { upload } = await serve(respondWithPart);
    const told: UploadProgress[] = [];
    const task = upload(new Blob([text]), { onProgress: (progress) => told.push(progress) });
    assert.equal(task.phase, 'queued');
    await task;
    assert.deepEqual(
      told.map(({ sentBytes }) => sentBytes),
      told.map(({ sentBytes }) => sentBytes).toSorted((a, b) => a - b),
    );
    assert.ok(told.every(({ totalBytes }) => totalBytes === 26));
    assert.deepEqual(
      told.filter(({ phase }) => phase !== 'sending').map(({ phase, sentBytes }) => [phase, sentBytes]),
      [
        ['queued', 0],
        ['processing', 26],
        ['ready', 26],
      ],
    );
  });

  it('starts again with the lost part, not with the file', async () => {
    const { server, upload } = await serve((request, res) =>
      server.requests.length === 2 ? res.socket?.destroy() : respondWithPart(request, res),
    );
    const counts: number[] = [];
    await upload(new Blob([text]), { onProgress: ({ sentBytes }) => counts.push(sentBytes) });
    const falls = counts.filter((count, index) => count < (counts[index - 1] ?? 0));
    assert.deepEqual(falls, [10]);
  });

  it('can be aborted between two parts', async () => {
    const second = Promise.withResolvers<ServerResponse>();
    const { server, upload } = await serve((request, res) =>
      server.requests.length === 2 ? second.resolve(res) : respondWithPart(request, res),
    );
    const task = upload(new Blob([text]));
    await second.promise;
    task.abort('enough');
    await assert.rejects(task, (reason) => reason === 'enough');
    assert.equal(server.requests.length, 2);
  });

  it('is signed once, and again when the signature is older than 45 minutes', async () => {
    let now = 1_719_307_544_000;
    const signed: number[] = [];
    const { server, upload } = await serve(
      (request, res) => {
        now += 23 * 60_000;
        respondWithPart(request, res);
      },
      {
        clock: () => now,
        sign: async () => {
          signed.push(now);
          return { signature: `made at ${now}`, timestamp: now / 1000, apiKey: '1234' };
        },
      },
    );
    await upload(new Blob([`${text}${text}`]), { retries: 0 }).catch(() => undefined);
    assert.equal(server.requests.length, 6);
    const sent = server.requests.map(({ fields }) => fields.find(({ name }) => name === 'signature')?.value);
    const [first, second, third] = signed.map((at) => `made at ${at}`);
    assert.deepEqual(sent, [first, first, second, second, third, third]);
  });

  const bad: readonly (readonly [options: object, message: RegExp])[] = [
    [{ chunkBytes: 0 }, /^chunkBytes is "0" \(number\)\. Expected auto, or a whole number of bytes of at least 1,/],
    [{ chunkBytes: 10.5 }, /^chunkBytes is "10\.5" \(number\)\. Expected auto, or a whole number of bytes/],
    [{ chunkBytes: Number.NaN }, /^chunkBytes is "NaN" \(number\)\. Expected auto, or a whole number of bytes/],
    [{ concurrency: 0 }, /^concurrency is "0" \(number\)\. Expected a whole number of at least 1\.$/],
    [{ concurrency: '3' }, /^concurrency is "3" \(string\)\. Expected a whole number of at least 1\.$/],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${JSON.stringify(options)} at creation`, () => {
      const create = () => createUploader({ endpoint: 'http://localhost', cloudName: 'demo', ...options });
      assert.throws(create, { name: 'TypeError', message });
    });
  }
});

function rejectOnAbort({ signal }: Request, reject: (reason: unknown) => void): void {
  signal.addEventListener('abort', () => reject(signal.reason));
}
