import assert from 'node:assert/strict';
import { createClient, type UploadProgress } from '@safelight/client';
import { NodeXhr } from './node-xhr.ts';
import { catResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

describe('client.upload() with XMLHttpRequest', () => {
  const servers: TestServer[] = [];
  const serve = async (response: Response) => {
    const server = await startTestServer(response);
    servers.push(server);
    const client = createClient({ endpoint: server.origin, cloudName: 'demo', uploadPreset: 'quickstart' });
    return { server, client };
  };

  before(() => {
    Object.assign(globalThis, { XMLHttpRequest: NodeXhr });
  });
  after(() => {
    Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('counts bytes, and sends a length and the right boundary', async () => {
    const { server, client } = await serve((_request, res) => respondWithJson(res, catResponse));
    const told: UploadProgress[] = [];
    const asset = await client.upload(new Blob(['picture']), { onProgress: (progress) => told.push(progress) });
    const [request] = server.requests;
    assert.equal(asset.version, catResponse.version);
    assert.match(request?.headers['content-length'] ?? '', /^\d+$/);
    assert.deepEqual(
      request?.fields.map(({ name, value }) => [name, value]),
      [
        ['upload_preset', 'quickstart'],
        ['file', 'picture'],
      ],
    );
    assert.match(String(request?.headers['idempotency-key']), /^\d+(-\d+){3}$/);
    assert.deepEqual([told.at(-1)?.sentBytes, told.at(-1)?.totalBytes], [7, 7]);
    assert.deepEqual([...new Set(told.map(({ phase }) => phase))], ['queued', 'sending', 'processing', 'ready']);
  });

  it('does not use it for a request without a preflight and without a listener', async () => {
    const { server } = await serve((_request, res) => respondWithJson(res, catResponse));
    const client = createClient({ endpoint: server.origin, cloudName: 'demo', idempotency: false });
    Object.assign(globalThis, {
      XMLHttpRequest: class {
        constructor() {
          throw new Error('used');
        }
      },
    });
    try {
      await client.upload(new Blob(['picture']));
    } finally {
      Object.assign(globalThis, { XMLHttpRequest: NodeXhr });
    }
  });

  it("has the server's message", async () => {
    const { client } = await serve((_request, res) => respondWithJson(res, { error: { message: 'too big' } }, 413));
    const task = client.upload(new Blob(['picture']), { onProgress: () => undefined });
    await assert.rejects(task, { code: 'rejected', status: 413, message: /413: too big\. Send a smaller file/ });
  });

  it('reads the headers of the response, and repeats', async () => {
    const { server, client } = await serve((_request, res) =>
      server.requests.length === 1
        ? respondWithJson(res, {}, 503, { 'retry-after': '0' })
        : respondWithJson(res, catResponse),
    );
    await client.upload(new Blob(['picture']), { onProgress: () => undefined });
    const keys = server.requests.map((request) => request.headers['idempotency-key']);
    assert.deepEqual(keys, [keys[0], keys[0]]);
  });

  it('repeats after a lost connection, which ky has to recognise', async () => {
    const { server, client } = await serve((_request, res) =>
      server.requests.length === 1 ? res.socket?.destroy() : respondWithJson(res, catResponse),
    );
    await client.upload(new Blob(['picture']), { onProgress: () => undefined });
    assert.equal(server.requests.length, 2);
  });

  it("rejects with the caller's reason after an abort, and closes the connection", async () => {
    const reason = new Error('changed my mind');
    const closed = Promise.withResolvers<void>();
    const { client } = await serve((_request, res) => {
      res.once('close', () => closed.resolve());
      task.abort(reason);
    });
    const task = client.upload(new Blob(['picture']), { onProgress: () => undefined });
    await assert.rejects(task, reason);
    assert.equal(task.phase, 'aborted');
    await closed.promise;
  });
});
