import assert from 'node:assert/strict';
import { publicIdFrom } from '@safelight/client';
import { createUploader } from '@safelight/client/upload';
import { publicIdProblem } from '@safelight/protocol';
import fc from 'fast-check';
import { catResponse, cloudinaryUploadResponse } from './recorded-responses.ts';
import { type Response, respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

const file = new Blob([new Uint8Array(catResponse.bytes)]);
const respondWithExisting: Response = (_request, res) => respondWithJson(res, { ...catResponse, existing: true });

describe('the public ID of an upload', () => {
  const servers: TestServer[] = [];
  const serve = async (respond: Response) => {
    const server = await startTestServer(respond);
    servers.push(server);
    return { server, place: { endpoint: server.origin, cloudName: 'demo', random: () => -2 } };
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('that is taken: the upload rejects, because the asset may be another picture', async () => {
    const { place } = await serve(respondWithExisting);
    await assert.rejects(createUploader(place)(file, { publicId: 'cat' }), {
      code: 'public_id_taken',
      publicId: 'cat',
      retryable: false,
      message: /an asset "cat" before\. Nothing was stored\. .*publicIdFrom\(file\.name\)/,
    });
  });

  it('that is taken: with ifExists the upload resolves with the asset that exists', async () => {
    const { place } = await serve(respondWithExisting);
    const asset = await createUploader(place)(file, { publicId: 'cat', ifExists: 'use' });
    assert.equal(asset.version, catResponse.version);
  });

  it('that is taken by a lost attempt of the same upload: it resolves', async () => {
    const { place, server } = await serve((request, res) =>
      server.requests.length === 1 ? res.socket?.destroy() : respondWithExisting(request, res),
    );
    const asset = await createUploader({ ...place, idempotency: false })(file, { publicId: 'cat' });
    assert.equal(asset.version, catResponse.version);
    assert.equal(server.requests.length, 2);
  });

  it('that is taken, in parts: it rejects, because no part was sent twice', async () => {
    const { place } = await serve(respondWithExisting);
    const upload = createUploader({ ...place, chunkBytes: Math.ceil(file.size / 3) });
    await assert.rejects(upload(file, { publicId: 'cat' }), { code: 'public_id_taken' });
  });

  it('that is taken by another file, after a lost attempt: it rejects', async () => {
    const { place, server } = await serve((_request, res) =>
      server.requests.length === 1
        ? res.socket?.destroy()
        : respondWithJson(res, { ...cloudinaryUploadResponse, existing: true }),
    );
    const upload = createUploader({ ...place, idempotency: false })(file, { publicId: 'cat' });
    await assert.rejects(upload, { code: 'public_id_taken' });
  });

  for (const publicId of ['50% off', 'a/../b', ' cat', 'what?', 'x'.repeat(256), '.']) {
    it(`${JSON.stringify(publicId.slice(0, 10))} is refused before a byte is sent`, async () => {
      const { place, server } = await serve(respondWithExisting);
      await assert.rejects(createUploader(place)(file, { publicId }), {
        code: 'invalid_public_id',
        message: /^publicId is /,
      });
      assert.equal(server.requests.length, 0);
    });
  }

  it('may have double slashes, which the server reads as one', async () => {
    const { place, server } = await serve((_request, res) => respondWithJson(res, catResponse));
    await createUploader(place)(file, { publicId: 'pets//cat' });
    assert.equal(server.requests[0]?.fields.find(({ name }) => name === 'public_id')?.value, 'pets//cat');
  });
});

describe('publicIdFrom()', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['image.jpg', /^image_[a-z0-9]{8}$/],
    ['Übung 50%.JPG', /^Übung_50_[a-z0-9]{8}$/],
    ['U\u0308bung.png', /^Übung_[a-z0-9]{8}$/],
    ['C:\\fakepath\\holiday.jpeg', /^holiday_[a-z0-9]{8}$/],
    ['photos/2026/a.b.jpg', /^a\.b_[a-z0-9]{8}$/],
    ['.htaccess', /^[a-z0-9]{8}$/],
    ['', /^[a-z0-9]{8}$/],
    ['...', /^[a-z0-9]{8}$/],
    ['???.png', /^[a-z0-9]{8}$/],
    ['写真.heic', /^写真_[a-z0-9]{8}$/],
  ];
  for (const [name, pattern] of table) {
    it(`of ${JSON.stringify(name)} matches ${pattern}`, () => {
      assert.match(publicIdFrom(name), pattern);
    });
  }

  it('is different each time', () => {
    assert.equal(new Set(Array.from({ length: 1000 }, () => publicIdFrom('image.jpg'))).size, 1000);
  });

  it('is an ID that the server accepts, for every name', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 400 })), (name) => {
        assert.equal(publicIdProblem(publicIdFrom(name)), undefined);
      }),
      { numRuns: 2_000 },
    );
  });
});
