import assert from 'node:assert/strict';
import { createClient } from '@safelight/client';
import { createUploader, type UploaderOptions } from '@safelight/client/upload';
import ky from 'ky';
import { kyTo } from './ky-to.ts';
import { cloudinaryUploadResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

describe('uploads to Cloudinary itself', () => {
  const servers: TestServer[] = [];
  const serve = async (response: Response, options: Partial<UploaderOptions> = {}) => {
    const server = await startTestServer(response);
    servers.push(server);
    const endpoint = 'https://api.cloudinary.com';
    const connection = { endpoint, cloudName: 'demo', uploadPreset: 'unsigned', ky: kyTo(server.origin, endpoint) };
    return { server, upload: createUploader({ ...connection, random: () => 0, ...options }) };
  };
  const respondToUpload: Response = (_request, res) => respondWithJson(res, cloudinaryUploadResponse);
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('send no header that its CORS rules do not allow', async () => {
    const { server, upload } = await serve(respondToUpload);
    await upload(new Blob(['picture']), { onProgress: () => undefined });
    assert.equal(server.requests[0]?.headers['idempotency-key'], undefined);
  });

  for (const endpoint of [
    'https://api.cloudinary.com',
    'https://api-eu.cloudinary.com',
    'https://api-ap.cloudinary.com',
  ]) {
    it(`to ${endpoint} are delivered from the delivery host`, async () => {
      const server = await startTestServer(respondToUpload);
      servers.push(server);
      const upload = createUploader({ endpoint, cloudName: 'demo', ky: kyTo(server.origin, endpoint) });
      const asset = await upload(new Blob(['picture']));
      assert.equal(asset.url(), 'https://res.cloudinary.com/demo/image/upload/v1719307544/folder/x.jpg');
    });
  }

  it('are delivered from the host of the option deliveryUrl', async () => {
    const { upload } = await serve(respondToUpload, { deliveryUrl: 'https://img.example.com' });
    assert.match((await upload(new Blob(['picture']))).url(), /^https:\/\/img\.example\.com\/demo\//);
  });

  describe('after a lost connection', () => {
    const loseFirst =
      (server: () => TestServer): Response =>
      (request, res) =>
        server().requests.length === 1 ? res.socket?.destroy() : respondToUpload(request, res);

    const begin = async (options: Partial<UploaderOptions> = {}) => {
      const begun = await serve((request, res) => loseFirst(() => begun.server)(request, res), options);
      return begun;
    };

    it('are not repeated when the sent bytes were not counted: the file could be stored twice', async () => {
      const { server, upload } = await begin();
      await assert.rejects(upload(new Blob(['picture'])), { code: 'network' });
      assert.equal(server.requests.length, 1);
    });

    it('are not repeated when all counted bytes were sent', async () => {
      const { server, upload } = await begin();
      await assert.rejects(upload(new Blob(['picture']), { onProgress: () => undefined }), { code: 'network' });
      assert.equal(server.requests.length, 1);
    });

    it('are repeated when not all counted bytes were sent', async () => {
      const { server } = await serve(respondToUpload);
      let calls = 0;
      const cutting = ky.create({
        fetch: async (input, init) => {
          const request = new Request(input, init);
          if (++calls === 1) {
            const reader = request.body?.getReader();
            await reader?.read();
            throw new TypeError('fetch failed');
          }
          return fetch(new Request(request.url.replace('https://api.cloudinary.com', server.origin), request));
        },
      });
      const uploadCut = createUploader({ endpoint: 'https://api.cloudinary.com', cloudName: 'demo', ky: cutting });
      const body = new Blob([new Uint8Array(1_000_000)]);
      await uploadCut(body, { onProgress: () => undefined });
      assert.equal(calls, 2);
    });

    it('are repeated when they have a public ID: the same asset is stored', async () => {
      const { server, upload } = await begin();
      await upload(new Blob(['picture']), { publicId: 'folder/x' });
      assert.equal(server.requests.length, 2);
    });

    it('are repeated in parts, which have an ID of the upload', async () => {
      const { server, upload } = await begin({ chunkBytes: 5_000_000 });
      await upload(new Blob([new Uint8Array(6_000_000)]));
      assert.deepEqual(
        server.requests.map(({ headers }) => headers['content-range']),
        ['bytes 0-4999999/6000000', 'bytes 0-4999999/6000000', 'bytes 5000000-5999999/6000000'],
      );
    });

    it('are repeated with the option idempotency', async () => {
      const { server, upload } = await begin({ idempotency: true });
      await upload(new Blob(['picture']));
      assert.equal(server.requests.length, 2);
      assert.ok(server.requests[0]?.headers['idempotency-key']);
    });
  });

  it('throw at creation for parts that Cloudinary would refuse', async () => {
    await assert.rejects(serve(respondToUpload, { chunkBytes: 4_999_999 }), {
      name: 'TypeError',
      message: /^chunkBytes is "4999999".* at least 5000000 for Cloudinary\.$/,
    });
  });

  it('idempotency can be switched off for other servers as well', async () => {
    const server = await startTestServer(respondToUpload);
    servers.push(server);
    const upload = createUploader({ endpoint: server.origin, cloudName: 'demo', idempotency: false });
    await upload(new Blob(['picture']));
    assert.equal(server.requests[0]?.headers['idempotency-key'], undefined);
  });

  it('cannot be found without the API secret', async () => {
    const client = createClient({ endpoint: 'https://api.cloudinary.com', cloudName: 'demo' });
    const unsupported = {
      code: 'unsupported',
      retryable: false,
      message: /Store the upload's response, or request the Admin API/,
    };
    await assert.rejects(client.find('cat'), unsupported);
    await assert.rejects(client.whenReady('cat'), unsupported);
  });
});
