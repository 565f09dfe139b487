import assert from 'node:assert/strict';
import { createClient } from '@safelight/client';
import { catResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

describe('the route of assets', () => {
  const servers: TestServer[] = [];
  const serve = async (response: Response) => {
    const server = await startTestServer(response);
    servers.push(server);
    return { server, client: createClient({ endpoint: server.origin, cloudName: 'demo' }) };
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  describe('client.find()', () => {
    it('returns the current version, and requests no delivery URL', async () => {
      const { server, client } = await serve((_request, res) => respondWithJson(res, { exists: true, ...catResponse }));
      const asset = await client.find('folder/my cat');
      assert.equal(asset?.url(), `${server.origin}/demo/image/upload/v1795368841/cat.jpg`);
      assert.deepEqual(
        server.requests.map(({ method, url }) => `${method} ${url}`),
        ['GET /_safelight/assets/image/folder%2Fmy%20cat?cloud=demo'],
      );
    });

    it('returns undefined when the original does not exist', async () => {
      const { server, client } = await serve((_request, res) => respondWithJson(res, { exists: false }));
      assert.equal(await client.find('cat', { resourceType: 'video' }), undefined);
      assert.equal(server.requests[0]?.url, '/_safelight/assets/video/cat?cloud=demo');
    });

    it('refuses a response without a valid version', async () => {
      const { client } = await serve((_request, res) =>
        respondWithJson(res, { exists: true, ...catResponse, version: 0 }),
      );
      await assert.rejects(client.find('cat'), { code: 'protocol', message: /version is "0"/ });
    });

    it('repeats the request after a 503 with a short Retry-After', async () => {
      const { server, client } = await serve((_request, res) =>
        server.requests.length === 1
          ? respondWithJson(res, {}, 503, { 'retry-after': '0' })
          : respondWithJson(res, { exists: false }),
      );
      assert.equal(await client.find('cat'), undefined);
    });

    it('fails at once after a 503 with a long Retry-After', async () => {
      const { server, client } = await serve((_request, res) => respondWithJson(res, {}, 503, { 'retry-after': '60' }));
      await assert.rejects(client.find('cat'), { code: 'rejected', status: 503, retryAfterMs: 60_000 });
      assert.equal(server.requests.length, 1);
    });

    it('rejects with the reason of an abort', async () => {
      const controller = new AbortController();
      const { client } = await serve(() => controller.abort('left'));
      await assert.rejects(client.find('cat', { signal: controller.signal }), (reason) => reason === 'left');
    });
  });
});
