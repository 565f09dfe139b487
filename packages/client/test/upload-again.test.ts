import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { createUploader, type UploaderOptions, type UploadProgress } from '@safelight/client/upload';
import { catResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

const text = 'abcdefghijklmnopqrstuvwxyz';
const rangesOf = (server: TestServer) =>
  server.requests.filter(({ method }) => method === 'POST').map(({ headers }) => headers['content-range']);

/** A server that stores parts. Until `heal` is called it refuses the part that begins at byte 10. */
function partStore() {
  const parts = new Map<string, { readonly start: number; readonly end: number }[]>();
  let isIll = true;
  const respond: Response = ({ method, url, headers }, res) => {
    const key = String(headers['x-unique-upload-id']);
    const received = parts.get(key) ?? [];
    if (method === 'GET') {
      assert.equal(url, '/_safelight/uploads?cloud=demo');
      respondWithJson(res, { received, total: null });
      return;
    }
    const [, first = 0, last = 0] = /^bytes (\d+)-(\d+)/.exec(headers['content-range'] ?? '') ?? [];
    const [start, end] = [Number(first), Number(last) + 1];
    if (isIll && start === 10) {
      respondWithJson(res, { error: { message: 'Not today' } }, 500);
      return;
    }
    parts.set(key, [...received, { start, end }]);
    respondWithJson(res, end === 26 ? catResponse : { done: false });
  };
  return {
    respond,
    heal() {
      isIll = false;
    },
  };
}

describe('an upload that is sent again', () => {
  const servers: TestServer[] = [];
  const serve = async (respond: Response, options: Partial<UploaderOptions> = {}) => {
    const server = await startTestServer(respond);
    servers.push(server);
    const place = { endpoint: server.origin, cloudName: 'demo', chunkBytes: 10, random: () => 0 };
    return { server, upload: createUploader({ ...place, ...options }) };
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('with the key of the error sends only the missing parts', async () => {
    const { respond, heal } = partStore();
    const { server, upload } = await serve(respond);
    const error = await upload(new Blob([text])).catch((reason: unknown) => reason as { uploadKey: string });
    assert.ok('uploadKey' in error);
    assert.deepEqual(rangesOf(server), ['bytes 0-9/26', 'bytes 10-19/26']);
    heal();
    const told: UploadProgress[] = [];
    const asset = await upload(new Blob([text]), {
      uploadKey: error.uploadKey,
      onProgress: (progress) => told.push(progress),
    });
    assert.equal(asset.version, catResponse.version);
    assert.deepEqual(rangesOf(server).slice(2), ['bytes 10-19/26', 'bytes 20-25/26']);
    assert.equal(told.find(({ phase }) => phase === 'sending')?.sentBytes, 10);
  });

  it('by retry() is a new task with the same file, options and key', async () => {
    const { respond, heal } = partStore();
    const { server, upload } = await serve(respond);
    const file = new File([text], 'alphabet.txt');
    const task = upload(file, { publicId: 'cat' });
    await assert.rejects(task, { code: 'rejected', status: 500 });
    heal();
    const again = task.retry();
    assert.equal(again.uploadKey, task.uploadKey);
    assert.equal(again.file, file);
    assert.equal((await again).publicId, 'cat');
    assert.deepEqual(rangesOf(server).slice(2), ['bytes 10-19/26', 'bytes 20-25/26']);
    assert.equal(server.requests.at(-1)?.fields.find(({ name }) => name === 'public_id')?.value, 'cat');
  });

  it('sends the last part once more when the server has all of them, to get the response', async () => {
    const received = [
      { start: 0, end: 10 },
      { start: 10, end: 20 },
      { start: 20, end: 26 },
    ];
    const { server, upload } = await serve(({ method }, res) =>
      respondWithJson(res, method === 'GET' ? { received, total: 26 } : catResponse),
    );
    await upload(new Blob([text]), { uploadKey: 'an-earlier-upload' });
    assert.deepEqual(rangesOf(server), ['bytes 20-25/26']);
  });

  for (const [name, body, status] of [
    ['does not have the route', '<html>', 404],
    ['responds with nonsense', '{"received":[{"start":-5},7]}', 200],
  ] as const) {
    it(`sends all parts when the server ${name}`, async () => {
      const { server, upload } = await serve(({ method, headers }, res) => {
        if (method === 'GET') res.writeHead(status).end(body);
        else respondWithJson(res, headers['content-range'] === 'bytes 20-25/26' ? catResponse : { done: false });
      });
      await upload(new Blob([text]), { uploadKey: 'an-earlier-upload' });
      assert.deepEqual(rangesOf(server), ['bytes 0-9/26', 'bytes 10-19/26', 'bytes 20-25/26']);
    });
  }

  it('refuses a file of another size, because the key belongs to one file', async () => {
    const { server, upload } = await serve((_request, res) => respondWithJson(res, { received: [], total: 27 }));
    await assert.rejects(upload(new Blob([text]), { uploadKey: 'an-earlier-upload' }), {
      code: 'invalid_body',
      message: /has 26 bytes, but the upload with this key has 27/,
    });
    assert.deepEqual(rangesOf(server), []);
  });

  it('does not ask about a new upload, or about a file in one request', async () => {
    const { server, upload } = await serve((_request, res) => respondWithJson(res, catResponse));
    await upload(new Blob([text]));
    await upload(new Blob(['small']), { uploadKey: 'an-earlier-upload' });
    assert.ok(server.requests.every(({ method }) => method === 'POST'));
  });

  it('has a key of 128 random bits, which is not printed with the task or with the error', async () => {
    const { upload } = await serve((_request, res) => respondWithJson(res, {}, 400));
    const task = upload(new Blob([text]));
    const error = await task.catch((reason: Error) => reason);
    assert.match(task.uploadKey, /^\d+(-\d+){3}$/);
    assert.equal((error as { uploadKey?: string }).uploadKey, task.uploadKey);
    const printed = [inspect(task, { depth: 9 }), inspect(error, { depth: 3 }), JSON.stringify(error), String(error)];
    assert.ok(!printed.some((line) => line.includes(task.uploadKey)), printed.join('\n'));
  });
});

describe('a task', () => {
  it('that runs is aborted by retry() and by dispose()', async () => {
    const server = await startTestServer(() => undefined);
    try {
      const upload = createUploader({ endpoint: server.origin, cloudName: 'demo' });
      const task = upload(new Blob([text]));
      const again = task.retry();
      await assert.rejects(task, { name: 'AbortError' });
      again.dispose();
      await assert.rejects(again, { name: 'AbortError' });
      assert.equal(again.phase, 'aborted');
    } finally {
      await server.close();
    }
  });
});
