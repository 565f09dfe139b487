import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import supertest from 'supertest';
import { uploadApi } from '../../src/upload-api/upload-api.ts';
import type { UploadApiOptions } from '../../src/upload-api/upload-api-options.ts';
import { type ApiServer, apiKey, apiSecret, basic, form, startApi } from './api-server.ts';
import { png } from './png.ts';

describe('uploadApi', () => {
  let api: ApiServer;
  afterEach(() => api.close());

  it('passes on requests that are not below /v1_1/', async () => {
    api = await startApi();
    for (const path of [
      '/',
      '/demo/image/upload/cat.jpg',
      '/v1_1',
      '/v1_12/demo/ping',
      '/a/v1_1/demo/ping',
      '/%E0%A4%A',
    ]) {
      const response = await fetch(api.origin + path, { method: 'POST' });
      assert.equal(await response.text(), 'passed on', path);
    }
  });

  it('passes on the calls of another cloud that is mounted, and no others', async () => {
    api = await startApi({ isOtherCloud: (name) => name === 'second' });
    const second = await fetch(`${api.origin}/v1_1/second/image/upload`, { method: 'POST' });
    assert.equal(await second.text(), 'passed on');
    assert.deepEqual(await refusal('POST', '/v1_1/third/image/upload'), [401, 'Invalid cloud_name third']);
  });

  async function refusal(method: string, path: string): Promise<readonly [number, string]> {
    const response = await fetch(api.origin + path, { method });
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/, path);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/);
    const { error } = (await response.json()) as { readonly error: { readonly message: string } };
    assert.ok(response.headers.has('x-cld-error'));
    return [response.status, error.message];
  }

  it('refuses an operation that is not offered with 400, and says what to do instead', async () => {
    api = await startApi();
    const offered = 'GET /_safelight/openapi.json lists all operations.';
    const calls = [
      ['GET', 'image/uploads', offered],
      ['POST', 'auto/destroy', offered],
      ['GET', 'resources/image/private/x', 'Only type upload is offered.'],
      ['PUT', 'folders/a', 'Rename each asset, so that its public ID begins with the new folder.'],
      ['POST', 'image/generate_archive', 'Download each asset by its url.'],
      ['GET', 'constructor', offered],
    ] as const;
    for (const [method, path, instead] of calls) {
      assert.deepEqual(await refusal(method, `/v1_1/demo/${path}`), [
        400,
        `${method} ${path} is not offered here. ${instead}`,
      ]);
    }
    for (const path of ['/v1_1/demo', '/v1_1/demo/']) {
      assert.deepEqual(await refusal('GET', path), [400, `GET without an operation is not offered here. ${offered}`]);
    }
    const long = `image/${'x'.repeat(2_000)}`;
    const [, message] = await refusal('POST', `/v1_1/demo/${long}`);
    assert.equal(message, `POST ${long.slice(0, 100)} is not offered here. ${offered}`);
  });

  it('refuses another method with 400, since SDKs do not read a 405', async () => {
    api = await startApi();
    const response = await fetch(`${api.apiUrl}/image/upload`);
    assert.deepEqual([response.status, response.headers.get('allow')], [400, 'POST, OPTIONS']);
    const calls = [
      ['GET', 'image/upload', 'POST'],
      ['PUT', 'image/rename', 'POST'],
      ['PUT', 'resources/image/upload/cat', 'GET, POST'],
      ['DELETE', 'ping', 'GET'],
    ] as const;
    for (const [method, path, expected] of calls) {
      const message = `${method} ${path} is not offered here. This path takes ${expected}.`;
      assert.deepEqual(await refusal(method, `/v1_1/demo/${path}`), [400, message]);
    }
  });

  it('refuses a path that names no cloud or cannot be decoded', async () => {
    api = await startApi();
    const expected = [400, 'The path names no cloud. Expected /v1_1/{cloud}/<operation>.'];
    assert.deepEqual(await refusal('POST', '/v1_1/'), expected);
    assert.deepEqual(await refusal('POST', '//v1_1//'), expected);
    for (const path of ['/v1_1/demo%', '/v1_1/demo/image%E0%A4%A/upload', '/v1_1/%']) {
      assert.deepEqual(await refusal('POST', path), [400, `The path has malformed percent-encoding: ${path}`]);
    }
  });

  it('reads a doubled slash as one, and ignores a slash at the end', async () => {
    api = await startApi();
    const upload = (path: string) =>
      fetch(api.origin + path, {
        method: 'POST',
        body: form({ upload_preset: 'quickstart', public_id: 'cat' }, png(1, 1)),
      });
    for (const path of ['//v1_1/demo/image/upload', '/v1_1//demo/image/upload', '/v1_1/demo/image/upload/']) {
      assert.equal((await upload(path)).status, 200, path);
    }
    for (const path of ['//v1_1/demo/resources/image//upload/cat', '/v1_1/demo/resources/image/upload/cat/']) {
      const response = await fetch(api.origin + path, { headers: { authorization: basic } });
      assert.equal(((await response.json()) as { readonly public_id?: string }).public_id, 'cat', path);
    }
  });

  it('lets pages of other origins call it', async () => {
    api = await startApi();
    const response = await fetch(`${api.apiUrl}/image/upload`, { method: 'OPTIONS' });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.equal(response.headers.get('access-control-max-age'), '7200');
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /\bPOST\b/);
    const allowed = 'X-Requested-With, Content-Type, Authorization, Idempotency-Key, X-Unique-Upload-Id, Content-Range';
    assert.equal(response.headers.get('access-control-allow-headers'), allowed);
  });

  it('asks for a password on Admin calls only', async () => {
    api = await startApi();
    const admin = await fetch(`${api.apiUrl}/ping`);
    assert.equal(admin.status, 401);
    assert.match(admin.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    const wrong = await fetch(`${api.apiUrl}/ping`, { headers: { authorization: `Basic ${btoa(`${apiKey}:no`)}` } });
    assert.deepEqual([wrong.status, await wrong.json()], [401, { error: { message: 'api_secret mismatch' } }]);
    const body = form({ public_id: 'x' });
    const upload = await fetch(`${api.apiUrl}/image/destroy`, { method: 'POST', body });
    assert.deepEqual([upload.status, upload.headers.get('www-authenticate')], [401, null]);
  });

  it('finds an asset whose path arrives encoded as a whole', async () => {
    api = await startApi();
    await fetch(`${api.apiUrl}/image/upload`, {
      method: 'POST',
      body: form({ upload_preset: 'quickstart', public_id: 'a/b' }, png(1, 1)),
    });
    for (const path of [
      'resources/image/upload/a/b',
      'resources/image/upload/a%2Fb',
      'resources%2Fimage%2Fupload%2Fa%2Fb?max_results=1',
    ]) {
      const response = await fetch(`${api.apiUrl}/${path}`, { headers: { authorization: basic } });
      assert.equal(((await response.json()) as { readonly public_id?: string }).public_id, 'a/b');
    }
  });

  it('sends only a request ID for an internal error', async () => {
    const fault = new Error('disk /secret/path is full');
    api = await startApi({}, (originals) => ({ ...originals, find: () => Promise.reject(fault) }));
    const response = await fetch(`${api.apiUrl}/resources/image/upload/x`, { headers: { authorization: basic } });
    const id = response.headers.get('x-request-id');
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), { error: { message: `Internal error. Its request ID is ${id}.` } });
    assert.deepEqual(api.faults, [fault]);
  });

  it('takes Basic authorization from no page but those of basicOrigins', async () => {
    api = await startApi({ basicOrigins: ['https://admin.example.org'] });
    const statusFrom = async (origin: string, more: Record<string, string> = { authorization: basic }) => {
      const body = form({ public_id: 'cat' });
      return (await fetch(`${api.apiUrl}/image/destroy`, { method: 'POST', body, headers: { ...more, origin } }))
        .status;
    };
    assert.deepEqual(
      [
        await statusFrom('https://evil.example'),
        await statusFrom('null'),
        await statusFrom('https://admin.example.org'),
      ],
      [403, 403, 200],
    );
    // Without Basic, the signature is what counts.
    assert.equal(await statusFrom('https://evil.example', {}), 401);
    const resource = await fetch(`${api.apiUrl}/ping`, {
      headers: { authorization: basic, origin: 'https://evil.example' },
    });
    assert.equal(resource.status, 403);
  });

  it('lets no caller write a header', async () => {
    api = await startApi();
    const body = form({ from_public_id: 'a\r\nset-cookie: x=1', to_public_id: 'b' });
    const response = await fetch(`${api.apiUrl}/image/rename`, {
      method: 'POST',
      body,
      headers: { authorization: basic },
    });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get('set-cookie'), null);
    const missing = await fetch(`${api.apiUrl}/resources/image/upload/${encodeURIComponent('日本 ä')}`, {
      headers: { authorization: basic },
    });
    assert.equal(missing.status, 404);
    assert.deepEqual(await missing.json(), { error: { message: 'Resource not found - 日本 ä' } });
  });

  it('sends a response to a client that goes on sending after it was refused', async () => {
    api = await startApi({ maxUploadBytes: 10 });
    const sent = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'));
        for (let i = 0; i < 40; i++) controller.enqueue(Buffer.alloc(65_536));
        controller.enqueue(Buffer.from('\r\n--b--\r\n'));
        controller.close();
      },
    });
    const response = await fetch(`${api.apiUrl}/raw/upload`, {
      method: 'POST',
      body: sent,
      duplex: 'half',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    } as RequestInit);
    assert.equal(response.status, 413);
    assert.equal((await fetch(`${api.apiUrl}/ping`, { headers: { authorization: basic } })).status, 200);
  });

  describe('in Express', () => {
    it('works below a mount, and passes on', async () => {
      api = await startApi();
      const app = express();
      const { respond: listener } = uploadApi({ ...optionsOf(api), deliveryOrigin: undefined });
      app.use('/media', async (req, res, next) => {
        if (!(await listener(req, res))) next();
      });
      const file = `data:image/png;base64,${png(4, 3).toString('base64')}`;
      const response = await supertest(app)
        .post('/media/v1_1/demo/image/upload')
        .set('authorization', basic)
        .send({ file, public_id: 'cat', tags: ['a'] });
      assert.equal(response.status, 200, response.text);
      assert.match(response.body.url, /^http:\/\/127\.0\.0\.1:\d+\/media\/demo\/image\/upload\/v\d+\/cat\.png$/);
      assert.deepEqual(response.body.tags, ['a']);
      const multipart = await supertest(app)
        .post('/media/v1_1/demo/raw/upload')
        .field('upload_preset', 'quickstart')
        .attach('file', Buffer.from('hello'), 'a.txt');
      assert.equal(multipart.status, 200, multipart.text);
      assert.equal((await supertest(app).get('/media/other')).status, 404);
    });
  });

  describe('URLs in responses', () => {
    const uploadedTo = async (host: string, overrides: Partial<UploadApiOptions> = {}) => {
      api = await startApi();
      const { respond: listener } = uploadApi({ ...optionsOf(api), ...overrides });
      const server = createServer((req, res) => void listener(req, res));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        return await supertest(server)
          .post('/v1_1/demo/raw/upload')
          .set('host', host)
          .field('upload_preset', 'quickstart')
          .field('public_id', 'a.txt')
          .attach('file', Buffer.from('hello'), 'a.txt');
      } finally {
        server.close();
      }
    };
    it('begin with the host of the request', async () => {
      assert.match(
        (await uploadedTo('img.example:8080')).body.url,
        /^http:\/\/img\.example:8080\/demo\/raw\/upload\/v\d+\/a\.txt$/,
      );
    });
    it('begin with the configured origin', async () => {
      const { body } = await uploadedTo('inside', { deliveryOrigin: () => 'https://img.example.com/' });
      assert.match(body.secure_url, /^https:\/\/img\.example\.com\/demo\/raw\//);
    });
    it('begin with what a trusted proxy says, and only with that', async () => {
      api = await startApi();
      const urlWith = async (trust: boolean, host = 'img.example') => {
        const app = express().set('trust proxy', trust);
        const { respond: listener } = uploadApi(optionsOf(api));
        app.use((req, res) => void listener(req, res));
        const { body, status } = await supertest(app)
          .post('/v1_1/demo/raw/upload')
          .set({ host: 'inside:3000', 'x-forwarded-host': host, 'x-forwarded-proto': 'https' })
          .field('upload_preset', 'quickstart')
          .attach('file', Buffer.from('hello'), 'a.txt');
        return status === 200 ? (body.url as string) : status;
      };
      assert.match(String(await urlWith(true)), /^https:\/\/img\.example\/demo\//);
      assert.match(String(await urlWith(false)), /^http:\/\/inside:3000\/demo\//);
      assert.equal(await urlWith(true, 'evil/"<'), 400);
    });
    it('never begin with a malformed host', async () => {
      const response = await uploadedTo('evil.example/"<script>');
      assert.deepEqual([response.status, response.body], [400, { error: { message: 'Invalid Host header' } }]);
    });
  });

  describe('options', () => {
    const create = (wrong: Partial<UploadApiOptions>) => () => uploadApi({ ...optionsOf(api), ...wrong });
    it('that cannot work are named', async () => {
      api = await startApi();
      assert.throws(create({ cloudName: 'a/b' }), /cloudName is "a\/b"/);
      assert.throws(create({ apiSecret: undefined }), /apiKey and apiSecret belong together/);
      assert.throws(create({ maxUploadBytes: 0 }), /maxUploadBytes is 0/);
    });
  });
});

function optionsOf({ originals }: ApiServer): UploadApiOptions {
  return {
    cloudName: 'demo',
    originals,
    handler: async () => ({ contentType: 'image/png', format: 'png', body: Buffer.alloc(0) }),
    apiKey,
    apiSecret,
    uploadPresets: ['quickstart'],
    changed: async () => undefined,
    changing: () => () => {},
    announce: async () => undefined,
    derive: () => Promise.reject(new Error('Nothing is derived here')),
    forget: async () => undefined,
  };
}
