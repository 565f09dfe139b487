import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type ApiServer, apiSecret, startApi } from './api-server.ts';
import { freshSdk } from './fresh-sdk.ts';
import { png } from './png.ts';

const dataUri = `data:image/png;base64,${png(40, 30).toString('base64')}`;

/** The error that the SDK rejects with. */
async function rejected(call: Promise<unknown>): Promise<{ readonly http_code: number; readonly message: string }> {
  const error = await call.then(
    () => assert.fail('It was not refused'),
    (reason: unknown) => reason as { readonly error?: unknown },
  );
  return (error.error ?? error) as { readonly http_code: number; readonly message: string };
}

describe('the official Node SDK', () => {
  let api: ApiServer;
  let cloudinary: ReturnType<typeof freshSdk>;
  beforeEach(async () => {
    api = await startApi();
    cloudinary = freshSdk(api.origin);
  });
  afterEach(() => api.close());

  it('uploads a data URI, signed', async () => {
    const response = await cloudinary.uploader.upload(dataUri, {
      public_id: 'folder/x',
      tags: ['a', 'b'],
      context: { alt: 'a=b|c', n: '5', link: '?a=1&b=2' },
      eager: [
        { width: 100, crop: 'scale' },
        { width: 200, height: 100, crop: 'fill', format: 'jpg' },
      ],
      invalidate: true,
    });
    assert.equal(response.public_id, 'folder/x');
    assert.deepEqual(response.tags, ['a', 'b']);
    assert.deepEqual(response.context, { custom: { alt: 'a=b|c', n: '5', link: '?a=1&b=2' } });
    assert.equal(response.secure_url, `${api.origin}/demo/image/upload/v${response.version}/folder/x.png`);
    assert.deepEqual(
      response['eager'].map(({ transformation, format }: { transformation: string; format: string }) => [
        transformation,
        format,
      ]),
      [
        ['c_scale,w_100', 'jpg'],
        ['c_fill,h_100,w_200', 'jpg'],
      ],
    );
    const text = `public_id=folder/x&version=${response.version}`;
    assert.equal(
      response.signature,
      createHash('sha1')
        .update(text + apiSecret)
        .digest('hex'),
    );
    assert.deepEqual(api.changes, ['image/folder/x']);
  });

  it('reads the message of a call that is not offered', async () => {
    const called = await rejected(cloudinary.uploader.text('blue'));
    assert.deepEqual(
      [called.http_code, called.message],
      [400, 'POST image/text is not offered here. Safelight makes pictures out of one original.'],
    );
    const fields = await rejected(cloudinary.api.list_metadata_fields());
    assert.deepEqual(
      [fields.http_code, fields.message],
      [400, 'GET metadata_fields is not offered here. Metadata is stored as it is sent.'],
    );
    const folders = await rejected(cloudinary.api.root_folders());
    assert.equal(folders.http_code, 400);
    assert.match(folders.message, /^Lists and searches are not offered here: this cloud has no index of its assets/);
  });

  it('reads that the cloud name is wrong', async () => {
    cloudinary.config({ cloud_name: 'other' });
    const { http_code, message } = await rejected(cloudinary.uploader.upload(dataUri));
    assert.deepEqual([http_code, message], [401, 'Invalid cloud_name other']);
    const ping = await rejected(cloudinary.api.ping());
    assert.deepEqual([ping.http_code, ping.message], [401, 'Invalid cloud_name other']);
  });

  it('uploads with an upload_prefix that ends with a slash', async () => {
    const response = await freshSdk(`${api.origin}/`).uploader.upload(dataUri, { public_id: 'cat' });
    assert.equal(response.public_id, 'cat');
  });

  it('uploads a stream', async () => {
    const response = await new Promise<Record<string, unknown> | undefined>((resolve, reject) => {
      const stream = cloudinary.uploader.upload_stream({ resource_type: 'auto' }, (error, result) =>
        error ? reject(error) : resolve(result),
      );
      Readable.from([png(4, 3)]).pipe(stream);
    });
    assert.equal(response?.['format'], 'png');
    assert.equal(response?.['resource_type'], 'image');
  });

  it('uploads without a signature', async () => {
    const response = await cloudinary.uploader.unsigned_upload(dataUri, 'quickstart', { public_id: 'cat' });
    assert.equal(response.public_id, 'cat');
    assert.match(
      (await rejected(cloudinary.uploader.unsigned_upload(dataUri, 'nope'))).message,
      /^Upload preset not found$/,
    );
  });

  it('signs with SHA-256', async () => {
    cloudinary.config({ signature_algorithm: 'sha256' });
    assert.equal((await cloudinary.uploader.upload(dataUri, { public_id: 'cat' })).public_id, 'cat');
  });

  it('reads why an upload is refused', async () => {
    const wrongSecret = await rejected(cloudinary.uploader.upload(dataUri, { api_secret: 'wrong', public_id: 'x' }));
    assert.equal(wrongSecret.http_code, 401);
    assert.match(
      wrongSecret.message,
      /^Invalid Signature [0-9a-f]{40}\. String to sign - 'public_id=x&timestamp=\d+'\.$/,
    );
    const noPicture = await rejected(cloudinary.uploader.upload('data:text/plain;base64,aGVsbG8='));
    assert.deepEqual([noPicture.http_code, noPicture.message], [400, 'Invalid image file']);
    const remote = await rejected(cloudinary.uploader.upload('https://example.com/cat.jpg'));
    assert.match(remote.message, /^Fetching remote URLs is not offered here/);
    assert.equal(remote.http_code, 400);
  });

  it('renews with explicit, and makes derivatives again', async () => {
    const { version } = await cloudinary.uploader.upload(dataUri, { public_id: 'cat' });
    const response = await cloudinary.uploader.explicit('cat', {
      type: 'upload',
      eager: [{ width: 10, crop: 'scale' }],
    });
    assert.equal(response.version, version);
    assert.equal(response.eager[0].url, `${api.origin}/demo/image/upload/c_scale,w_10/v${version}/cat.png`);
    assert.deepEqual(api.changes, ['image/cat', 'image/cat']);
    const missing = await rejected(cloudinary.uploader.explicit('dog', { type: 'upload' }));
    assert.deepEqual([missing.http_code, missing.message], [404, 'Resource not found - dog']);
    const retagged = await cloudinary.uploader.explicit('cat', { type: 'upload', tags: ['new'] });
    assert.deepEqual([retagged.version, retagged.tags], [version, ['new']]);
  });

  it('renames, and renews both names', async () => {
    const { asset_id } = await cloudinary.uploader.upload(dataUri, { public_id: 'a' });
    await cloudinary.uploader.upload(dataUri, { public_id: 'taken' });
    const renamed = await cloudinary.uploader.rename('a', 'b/c');
    assert.equal(renamed.public_id, 'b/c');
    assert.equal(renamed.asset_id, asset_id);
    assert.deepEqual(api.changes.slice(2).sort(), ['image/a', 'image/b/c']);
    const missing = await rejected(cloudinary.uploader.rename('a', 'd'));
    assert.deepEqual([missing.http_code, missing.message], [404, 'Resource not found - a']);
    const taken = await rejected(cloudinary.uploader.rename('b/c', 'taken'));
    assert.deepEqual([taken.http_code, taken.message], [400, 'Resource already exists - taken']);
    assert.equal((await cloudinary.uploader.rename('b/c', 'taken', { overwrite: true })).public_id, 'taken');
  });

  it('destroys, once', async () => {
    await cloudinary.uploader.upload(dataUri, { public_id: 'cat' });
    assert.deepEqual(await cloudinary.uploader.destroy('cat', { invalidate: true }), { result: 'ok' });
    assert.deepEqual(await cloudinary.uploader.destroy('cat'), { result: 'not found' });
    assert.deepEqual(api.changes, ['image/cat', 'image/cat', 'image/cat']);
  });

  it('pings and asks for an asset', async () => {
    assert.equal((await cloudinary.api.ping()).status, 'ok');
    await cloudinary.uploader.upload(dataUri, { public_id: 'fold er/ä' });
    const found = await cloudinary.api.resource('fold er/ä');
    assert.equal(found.public_id, 'fold er/ä');
    assert.equal(found.bytes, png(40, 30).length);
    assert.deepEqual(found.derived, []);
    const missing = await rejected(cloudinary.api.resource('dog'));
    assert.deepEqual([missing.http_code, missing.message], [404, 'Resource not found - dog']);
  });
});
