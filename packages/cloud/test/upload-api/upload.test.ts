import assert from 'node:assert/strict';
import { request } from 'node:http';
import { TransformError } from '@safelight/core';
import { sign } from '../../src/upload-api/authenticate.ts';
import { type ApiServer, apiSecret, basic, form, signed, startApi } from './api-server.ts';
import { png } from './png.ts';

type Json = Record<string, unknown>;

async function post(url: string, body: FormData | URLSearchParams | string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
}

function errorOf({ json }: { readonly json: Json }): string {
  return (json['error'] as { readonly message: string }).message;
}

describe('upload', () => {
  let api: ApiServer;
  const stop = () => api.close();
  const start = async (...options: Parameters<typeof startApi>) => {
    api = await startApi(...options);
    return api;
  };
  afterEach(stop);

  const quick = (fields: Record<string, string>, file = png(4, 3), name?: string) =>
    post(`${api.apiUrl}/image/upload`, form({ upload_preset: 'quickstart', ...fields }, file, name));

  it('publishes a picture, renews its generation, then describes it', async () => {
    await start();
    const bytes = png(40, 30);
    const response = await post(
      `${api.apiUrl}/image/upload`,
      form(signed({ public_id: 'folder/x', tags: 'a,b' }), bytes),
    );
    assert.equal(response.status, 200);
    const { json } = response;
    const version = Number(json['version']);
    assert.ok(Math.abs(version - Date.now() / 1000) < 60);
    assert.match(String(json['asset_id']), /^[0-9a-f]{32}$/);
    assert.match(String(json['version_id']), /^[0-9a-f]{32}$/);
    assert.match(String(json['created_at']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const url = `${api.origin}/demo/image/upload/v${version}/folder/x.png`;
    assert.deepEqual(
      { ...json, asset_id: 0, version_id: 0, created_at: 0, etag: 0 },
      {
        asset_id: 0,
        public_id: 'folder/x',
        version,
        version_id: 0,
        signature: sign(`public_id=folder/x&version=${version}`, apiSecret, 'sha1'),
        width: 40,
        height: 30,
        format: 'png',
        resource_type: 'image',
        created_at: 0,
        tags: ['a', 'b'],
        bytes: bytes.length,
        type: 'upload',
        placeholder: false,
        url,
        secure_url: url,
        asset_folder: '',
        display_name: 'x',
        etag: 0,
        pages: 1,
        original_filename: 'sample',
        api_key: '1234',
      },
    );
    assert.deepEqual(api.changes, ['image/folder/x']);
    const stored = await api.originals.find({ resourceType: 'image', publicId: 'folder/x' });
    assert.deepEqual(await stored?.bytesOf(), bytes);
    assert.deepEqual(await api.temporaryFiles(), []);
  });

  it('sends headers that forbid caching and let pages read the response', async () => {
    await start();
    const { headers } = await quick({});
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/);
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
  });

  it('publishes, then renews, then responds', async () => {
    const seen: unknown[] = [];
    let renewed = false;
    await start({
      changed: async (asset) => {
        seen.push((await api.originals.find(asset))?.publicId);
        await new Promise((resolve) => setImmediate(resolve));
        renewed = true;
      },
    });
    await quick({ public_id: 'cat' });
    assert.deepEqual(seen, ['cat']);
    assert.ok(renewed);
  });

  it('sends 503 with Retry-After when the renewal could not be written', async () => {
    let isDown = true;
    await start({
      changed: async () => {
        if (isDown) throw new TransformError('store_unavailable', 'no store', { retryAfterMs: 1_500 });
      },
    });
    const failed = await quick({ public_id: 'cat' });
    assert.equal(failed.status, 503);
    assert.equal(failed.headers.get('retry-after'), '2');
    assert.match(errorOf(failed), /^The upload is stored, but this is not confirmed/);
    isDown = false;
    const repeated = await quick({ public_id: 'cat' });
    assert.equal(repeated.status, 200);
    assert.equal(repeated.json['existing'], true);
  });

  it('is a 503, and can be repeated, when the server could not read the file', async () => {
    let failures = 1;
    const probe = async () => {
      failures -= 1;
      if (failures >= 0) throw new TransformError('handler_failed', 'The transformation failed');
      return { format: 'png', width: 4, height: 3, pages: 1 };
    };
    const handler = Object.assign(() => assert.fail('Nothing is derived here'), { probe });
    await start({ handler });
    const failed = await quick({ public_id: 'cat' });
    assert.deepEqual([failed.status, failed.headers.get('retry-after')], [503, '2']);
    assert.equal((await quick({ public_id: 'cat' })).status, 200);
  });

  it('does not replace an asset in an unsigned upload', async () => {
    await start();
    const first = await quick({ public_id: 'cat' }, png(4, 3));
    const second = await quick({ public_id: 'cat' }, png(8, 8));
    assert.equal(second.status, 200);
    assert.equal(second.json['existing'], true);
    assert.equal(second.json['version'], first.json['version']);
    assert.equal(second.json['width'], 4);
    // An anonymous client must not get what the owner has stored beside the picture.
    const known = ['bytes', 'existing', 'format', 'height', 'public_id', 'resource_type', 'secure_url', 'type'];
    assert.deepEqual(Object.keys(second.json).sort(), [...known, 'url', 'version', 'width']);
    assert.deepEqual(api.changes, ['image/cat', 'image/cat']);
    assert.deepEqual(await api.temporaryFiles(), []);
  });

  it('publishes one of several simultaneous unsigned uploads with the same ID', async () => {
    await start();
    const responses = await Promise.all([1, 2, 3, 4].map((size) => quick({ public_id: 'cat' }, png(size, size))));
    assert.equal(responses.filter(({ json }) => json['existing'] === undefined).length, 1);
    assert.equal(new Set(responses.map(({ json }) => json['version'])).size, 1);
  });

  it('replaces in a signed upload, and reports that', async () => {
    await start();
    const first = await post(`${api.apiUrl}/image/upload`, form(signed({ public_id: 'cat' }), png(4, 3)));
    const second = await post(`${api.apiUrl}/image/upload`, form(signed({ public_id: 'cat' }), png(8, 8)));
    assert.equal(first.json['overwritten'], undefined);
    assert.equal(second.json['overwritten'], true);
    assert.equal(second.json['asset_id'], first.json['asset_id']);
    assert.ok(Number(second.json['version']) > Number(first.json['version']));
    const third = await post(
      `${api.apiUrl}/image/upload`,
      form(signed({ public_id: 'cat', overwrite: '0' }), png(9, 9)),
    );
    assert.equal(third.json['existing'], true);
    assert.equal(third.json['width'], 8);
  });

  describe('names', () => {
    const publicId = async (fields: Record<string, string>, name = 'my cat?.png', url = 'image') => {
      const response = await post(`${api.apiUrl}/${url}/upload`, form(signed(fields), png(4, 3), name));
      assert.equal(response.status, 200, JSON.stringify(response.json));
      return String(response.json['public_id']);
    };
    it('are random by default', async () => {
      await start();
      const [a, b] = [await publicId({}), await publicId({})];
      assert.match(a, /^[a-z0-9]{20}$/);
      assert.notEqual(a, b);
    });
    it('come after folder and prefix', async () => {
      await start();
      assert.equal(await publicId({ folder: 'a/b/', public_id_prefix: 'c', public_id: 'd' }), 'a/b/c/d');
    });
    it('come from the file with use_filename', async () => {
      await start();
      assert.match(await publicId({ use_filename: '1' }), /^my_cat__[a-z0-9]{6}$/);
      assert.equal(await publicId({ use_filename: 'true', unique_filename: 'false' }), 'my_cat_');
      const overridden = { use_filename: '1', unique_filename: '0', filename_override: '../../ö.jpg' };
      assert.equal(await publicId(overridden), 'ö');
    });
    const dispositions: readonly (readonly [string, string])[] = [
      ['filename="日本 ä.png"', '日本 ä'],
      ['filename="it\'s 100%25; \\"so\\".png"', 'it\'s 100%25; "so"'],
      ['filename="C:\\\\pictures\\\\cat.png"', 'cat'],
      ['filename="../../cat.png"', 'cat'],
      // The form of .NET's HttpClient: a name by RFC 5987, and another one for receivers that do not know it.
      ['filename="=?utf-8?B?4oKs?="; filename*=utf-8\'\'%e2%82%ac.png', '€'],
      ['filename*=UTF-8\'\'%e2%82%ac.png; filename="x.png"', '€'],
    ];
    for (const [disposition, expected] of dispositions) {
      it(`are read from ${disposition}`, async () => {
        await start();
        const part = (text: string) => `--b\r\ncontent-disposition: form-data; ${text}\r\n\r\n`;
        const fields = `${part('name="upload_preset"')}quickstart\r\n`;
        const body = `${fields}${part(`name="file"; ${disposition}`)}abc\r\n--b--\r\n`;
        const type = { 'content-type': 'multipart/form-data; boundary=b' };
        const response = await post(`${api.apiUrl}/raw/upload`, body, type);
        assert.equal(response.json['original_filename'], expected, JSON.stringify(response.json));
      });
    }
    it('of raw files have their extension', async () => {
      await start();
      assert.match(await publicId({}, 'notes.TXT', 'raw'), /^[a-z0-9]{20}\.txt$/);
      assert.equal(await publicId({ public_id: 'notes.md' }, 'notes.txt', 'raw'), 'notes.md');
    });
    for (const publicId of ['../up', 'a/./b', 'a?b', ' a', 'a\u0000b', 'x'.repeat(256)]) {
      it(`refuses ${JSON.stringify(publicId.slice(0, 20))}`, async () => {
        await start();
        const response = await quick({ public_id: publicId });
        assert.equal(response.status, 400);
        assert.match(errorOf(response), /^Invalid public_id\. /);
        assert.deepEqual([api.changes, await api.temporaryFiles()], [[], []]);
      });
    }
  });

  describe('formats', () => {
    it('come from the bytes, not from the name', async () => {
      await start();
      assert.equal((await quick({}, png(4, 3), 'photo.jpg')).json['format'], 'png');
    });
    it('are refused when the file is not a picture', async () => {
      await start();
      const response = await quick({ public_id: 'cat' }, Buffer.from('hello, no picture'));
      assert.equal(response.status, 400);
      assert.equal(errorOf(response), 'Invalid image file');
      assert.equal(response.headers.get('x-cld-error'), 'Invalid image file');
      assert.equal(await api.originals.find({ resourceType: 'image', publicId: 'cat' }), undefined);
      assert.deepEqual([api.changes, await api.temporaryFiles()], [[], []]);
    });
    it('decide the type for auto', async () => {
      await start();
      const auto = (bytes: Uint8Array<ArrayBuffer>, name: string) =>
        post(`${api.apiUrl}/auto/upload`, form({ upload_preset: 'quickstart' }, bytes, name));
      assert.equal((await auto(png(4, 3), 'x.bin')).json['resource_type'], 'image');
      const raw = await auto(Buffer.from('hello'), 'notes.txt');
      assert.equal(raw.json['resource_type'], 'raw');
      assert.match(String(raw.json['url']), /\/demo\/raw\/upload\/v\d+\/[a-z0-9]{20}\.txt$/);
    });
    it('may be limited by allowed_formats', async () => {
      await start();
      const limited = (allowed_formats: string) =>
        post(`${api.apiUrl}/image/upload`, form(signed({ allowed_formats }), png(4, 3)));
      assert.equal((await limited('jpg,png')).status, 200);
      const refused = await limited('jpeg,webp');
      assert.equal(refused.status, 400);
      assert.equal(errorOf(refused), 'Format png is not allowed. Allowed: jpeg, webp');
    });
    it('come from the name when the handler has no probe', async () => {
      await start({ handler: async () => ({ contentType: 'image/png', format: 'png', body: Buffer.alloc(0) }) });
      const response = await quick({}, Buffer.from('whatever'), 'cat.jpeg');
      assert.equal(response.status, 200);
      assert.equal(response.json['format'], 'jpg');
    });
  });

  describe('bodies', () => {
    const dataUri = `data:application/octet-stream;base64,${png(4, 3).toString('base64')}`;
    it('in JSON, with real booleans and lists', async () => {
      await start();
      const body = JSON.stringify({
        file: dataUri,
        public_id: 'cat',
        tags: ['a', 'b'],
        overwrite: false,
        context: { alt: 'A=B' },
      });
      const response = await post(`${api.apiUrl}/auto/upload`, body, {
        authorization: basic,
        'content-type': 'application/json',
      });
      assert.equal(response.status, 200, JSON.stringify(response.json));
      assert.deepEqual(response.json['tags'], ['a', 'b']);
      assert.deepEqual(response.json['context'], { custom: { alt: 'A=B' } });
    });
    it('urlencoded', async () => {
      await start();
      const body = new URLSearchParams({ upload_preset: 'quickstart', file: dataUri, context: 'alt=a\\=b\\|c|n=5' });
      const response = await post(`${api.apiUrl}/image/upload`, body);
      assert.equal(response.status, 200, JSON.stringify(response.json));
      assert.deepEqual(response.json['context'], { custom: { alt: 'a=b|c', n: '5' } });
    });
    it('with a data URI as a plain field', async () => {
      await start();
      assert.equal(
        (await post(`${api.apiUrl}/image/upload`, form({ upload_preset: 'quickstart', file: dataUri }))).status,
        200,
      );
    });
    it('with the file first', async () => {
      await start();
      const body = new FormData();
      body.append('file', new Blob([png(4, 3)]), 'a.png');
      body.append('upload_preset', 'quickstart');
      assert.equal((await post(`${api.apiUrl}/image/upload`, body)).status, 200);
    });
    it('with unknown parameters', async () => {
      await start();
      assert.equal((await quick({ colour: 'red', __proto__x: '1', constructor: 'x', toString: 'y' })).status, 200);
    });

    const refusals: readonly (readonly [string, Record<string, string>, RegExp])[] = [
      ['a remote URL', { file: 'https://example.com/cat.jpg' }, /^Fetching remote URLs is not offered here/],
      ['text that is no data URI', { file: 'cat.jpg' }, /^Invalid parameter file/],
      ['broken base64', { file: 'data:image/png;base64,a*b' }, /not base64/],
      ['no file', {}, /^Missing required parameter - file$/],
      ['an empty file', { file: 'data:,' }, /^Empty file$/],
      ['a malformed context', { file: dataUri, context: 'alt' }, /^Invalid value for parameter context: alt\. /],
      ['an unsigned wish to overwrite', { file: dataUri, overwrite: '1' }, /^Parameter overwrite is not allowed/],
      [
        'an incoming transformation',
        { file: dataUri, transformation: 'w_1' },
        /^Parameter transformation is not offered/,
      ],
      [
        'a restricted asset',
        { file: dataUri, access_control: '[{"access_type":"token"}]' },
        /^Parameter access_control is not offered/,
      ],
    ];
    for (const [name, fields, message] of refusals) {
      it(`refuses ${name}`, async () => {
        await start();
        const response = await post(`${api.apiUrl}/image/upload`, form({ upload_preset: 'quickstart', ...fields }));
        assert.equal(response.status, 400);
        assert.match(errorOf(response), message);
        assert.deepEqual([api.changes, await api.temporaryFiles(), api.faults], [[], [], []]);
      });
    }

    it('refuses a restricted type and a malformed flag', async () => {
      await start();
      const call = (fields: Record<string, string>) =>
        post(`${api.apiUrl}/image/upload`, form(signed(fields), png(1, 1)));
      assert.match(errorOf(await call({ type: 'private' })), /Only type upload is offered here/);
      assert.match(
        errorOf(await call({ overwrite: 'maybe' })),
        /parameter overwrite: maybe\. Expected 1, 0, true or false/,
      );
    });

    it('refuses a malformed body', async () => {
      await start();
      const url = `${api.apiUrl}/image/upload`;
      const as = (type: string) => ({ 'content-type': type });
      assert.match(errorOf(await post(url, '{', as('application/json'))), /not valid JSON/);
      assert.match(errorOf(await post(url, '[1]', as('application/json'))), /must be a JSON object/);
      assert.equal((await post(url, 'x', as('text/plain'))).status, 415);
      assert.match(errorOf(await post(url, 'x', as('multipart/form-data'))), /^Malformed multipart body/);
      const truncated = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc';
      assert.match(
        errorOf(await post(url, truncated, as('multipart/form-data; boundary=b'))),
        /^Malformed multipart body/,
      );
      assert.deepEqual([await api.temporaryFiles(), api.faults], [[], []]);
    });

    it('refuses a repeated parameter', async () => {
      await start();
      const body = form({ upload_preset: 'quickstart', public_id: 'a' });
      body.append('public_id', 'b');
      assert.match(
        errorOf(await post(`${api.apiUrl}/image/upload`, body)),
        /^Parameter public_id was sent more than once/,
      );
    });

    it('refuses too many parameters and two files', async () => {
      await start();
      const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`p${n}`, 'x']));
      assert.match(errorOf(await quick(many)), /^Too many parameters/);
      const two = form({ upload_preset: 'quickstart' }, png(4, 3));
      two.append('file', new Blob([png(4, 3)]), 'b.png');
      assert.match(errorOf(await post(`${api.apiUrl}/image/upload`, two)), /^More than one file/);
      assert.match(errorOf(await quick({ folder: 'x'.repeat(70_000) })), /^The parameters have more than 65536 bytes/);
      assert.deepEqual(await api.temporaryFiles(), []);
    });
  });

  describe('limits', () => {
    it('sends 413 for a file that is too large, and stores none of it', async () => {
      await start({ maxUploadBytes: 1_000 });
      const response = await quick({}, Buffer.alloc(2_000_000));
      assert.equal(response.status, 413);
      assert.equal(errorOf(response), 'File size too large. At most 1000 bytes are accepted.');
      assert.deepEqual([await api.temporaryFiles(), api.faults, api.changes], [[], [], []]);
    });

    it('sends 413 for a text that is too large', async () => {
      await start({ maxUploadBytes: 1_000 });
      const url = `${api.apiUrl}/image/upload`;
      const file = `data:;base64,${'A'.repeat(2_000_000)}`;
      const inJson = await post(url, JSON.stringify({ file }), { 'content-type': 'application/json' });
      assert.deepEqual([inJson.status, (await post(url, form({ file }))).status], [413, 413]);
      const small = await post(url, form({ upload_preset: 'quickstart', file: `data:;base64,${'A'.repeat(2_000)}` }));
      assert.equal(small.status, 413);
      assert.deepEqual([await api.temporaryFiles(), api.faults], [[], []]);
    });

    it('sends 413 for a Content-Length that is too large, without reading the body', async () => {
      await start({ maxUploadBytes: 1_000 });
      const call = request(`${api.apiUrl}/raw/upload`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '5000000' },
      });
      call.on('error', () => undefined);
      call.flushHeaders();
      const status = await new Promise((resolve) => call.on('response', (response) => resolve(response.statusCode)));
      call.destroy();
      assert.equal(status, 413);
    });

    it('stores nothing when the client closes the connection', async () => {
      const began = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<unknown>();
      await start({}, (originals) => ({
        ...originals,
        receive: (source, options) => {
          const watched = (async function* watch() {
            for await (const chunk of source) {
              began.resolve();
              yield chunk;
            }
          })();
          const received = originals.receive(watched, options);
          received.then(ended.resolve, ended.resolve);
          return received;
        },
      }));
      const call = request(`${api.apiUrl}/image/upload`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      });
      call.on('error', () => undefined);
      call.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n');
      call.write(Buffer.alloc(100_000));
      await began.promise;
      call.destroy();
      assert.ok((await ended.promise) instanceof Error);
      assert.deepEqual([await api.temporaryFiles(), api.changes, api.faults], [[], [], []]);
    });
  });

  describe('presets', () => {
    const uploadPresets = {
      products: {
        folder: 'products',
        tags: ['shop'],
        context: { source: 'preset' },
        allowedFormats: ['png'],
        eager: ['w_9'],
      },
    };
    it('have priority in an unsigned upload; lists are merged', async () => {
      await start({ uploadPresets });
      const fields = {
        upload_preset: 'products',
        folder: 'mine',
        public_id: 'x',
        tags: 'a,shop',
        context: 'source=me|n=1',
      };
      const { json } = await post(`${api.apiUrl}/image/upload`, form(fields, png(4, 3)));
      assert.equal(json['public_id'], 'products/x');
      assert.deepEqual(json['tags'], ['shop', 'a']);
      assert.deepEqual(json['context'], { custom: { source: 'preset', n: '1' } });
      assert.equal((json['eager'] as unknown[]).length, 1);
    });
    it('do not have priority in a signed upload', async () => {
      await start({ uploadPresets });
      const fields = signed({ upload_preset: 'products', folder: 'mine', public_id: 'x' });
      const { json } = await post(`${api.apiUrl}/image/upload`, form(fields, png(4, 3)));
      assert.equal(json['public_id'], 'mine/x');
    });
    it('are checked at creation', async () => {
      const wrong = { products: { overwrite: true } } as unknown as Record<string, object>;
      await assert.rejects(startApi({ uploadPresets: wrong }), /uploadPresets\.products is not an upload preset/);
      await start();
    });
  });

  describe('eager', () => {
    it('makes derivatives after the renewal and reports the result of each', async () => {
      await start({
        derive: async (delivery) => {
          if (delivery.extension === 'jpg')
            return { contentType: 'image/jpeg', format: 'jpg', body: Buffer.alloc(7), width: 40, height: 30 };
          throw new TransformError('bad_transformation', 'Too odd');
        },
      });
      const fields = signed({ public_id: 'cat', eager: 'w_40,c_fill,h_30/jpg|e_grayscale' });
      const { status, json } = await post(`${api.apiUrl}/image/upload`, form(fields, png(80, 60)));
      assert.equal(status, 200);
      const delivery = `${api.origin}/demo/image/upload`;
      const [first, second] = [
        `${delivery}/c_fill,h_30,w_40/v${json['version']}/cat.jpg`,
        `${delivery}/e_grayscale/v${json['version']}/cat.png`,
      ];
      assert.deepEqual(json['eager'], [
        {
          transformation: 'c_fill,h_30,w_40',
          url: first,
          secure_url: first,
          width: 40,
          height: 30,
          bytes: 7,
          format: 'jpg',
        },
        { transformation: 'e_grayscale', url: second, secure_url: second, status: 'failed', reason: 'Too odd' },
      ]);
    });
    it('does not wait for eager_async', async () => {
      const never = Promise.withResolvers<never>();
      await start({ derive: () => never.promise });
      const { json } = await post(
        `${api.apiUrl}/image/upload`,
        form(signed({ eager: 'w_1', eager_async: '1' }), png(4, 3)),
      );
      assert.equal((json['eager'] as Json[])[0]?.['status'], 'processing');
    });
    it('refuses a transformation that it cannot read before the file is stored', async () => {
      await start();
      const response = await post(
        `${api.apiUrl}/image/upload`,
        form(signed({ public_id: 'cat', eager: 'w_abc' }), png(4, 3)),
      );
      assert.equal(response.status, 400);
      assert.match(errorOf(response), /Invalid value for parameter eager\..*abc/);
      assert.equal(await api.originals.find({ resourceType: 'image', publicId: 'cat' }), undefined);
    });
  });

  describe('Idempotency-Key', () => {
    const send = (key: string, fields: Record<string, string> = {}, bytes = png(4, 3)) =>
      post(`${api.apiUrl}/image/upload`, form({ upload_preset: 'quickstart', ...fields }, bytes), {
        'idempotency-key': key,
      });

    it('sends the same response to the same call', async () => {
      await start();
      const first = await send('k1');
      const second = await send('k1');
      assert.deepEqual(second.json, first.json);
      assert.equal(api.changes.length, 1);
      assert.notDeepEqual((await send('k2')).json, first.json);
    });
    it('shares one run between calls at the same time', async () => {
      await start();
      const responses = await Promise.all(['k', 'k', 'k'].map((key) => send(key)));
      assert.equal(new Set(responses.map(({ json }) => json['public_id'])).size, 1);
      assert.equal(api.changes.length, 1);
      assert.deepEqual(await api.temporaryFiles(), []);
    });
    it('refuses another call under the same key', async () => {
      await start();
      await send('k');
      assert.match(errorOf(await send('k', { folder: 'b' })), /^This Idempotency-Key was sent with another request/);
      assert.equal((await send('k', {}, png(9, 9))).status, 400);
    });
    it('runs a failed call again', async () => {
      let failures = 1;
      await start({
        changed: async () => {
          if (failures-- > 0) throw new TransformError('store_unavailable', 'no store');
        },
      });
      assert.equal((await send('k')).status, 503);
      assert.equal((await send('k')).status, 200);
    });
    it('is forgotten after ten minutes', async () => {
      let now = Date.now();
      await start({ clock: () => now });
      const first = await send('k');
      now += 600_001;
      assert.notEqual((await send('k')).json['public_id'], first.json['public_id']);
    });
  });
});
