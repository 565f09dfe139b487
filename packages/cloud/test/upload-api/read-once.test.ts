import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { sign } from '../../src/upload-api/authenticate.ts';
import type { UploadPreset } from '../../src/upload-api/upload-preset.ts';
import { type ApiServer, apiSecret, basic, form, signed, startApi } from './api-server.ts';
import { partSender } from './part-sender.ts';
import { png } from './png.ts';

/**
 * Runs `act` and records each digest over a text that ends with the secret, such as those of signatures.
 *
 * @returns algorithm and text of each digest, without the secret
 */
async function signaturesMadeBy(act: () => Promise<void>): Promise<readonly string[]> {
  const made: string[] = [];
  const real = crypto.createHash;
  crypto.createHash = (algorithm, options) => {
    const hash = real(algorithm, options);
    const update = hash.update.bind(hash) as (data: unknown) => typeof hash;
    return Object.assign(hash, {
      update(data: unknown) {
        const text = String(data);
        if (text.endsWith(apiSecret)) made.push(`${algorithm} ${text.slice(0, -apiSecret.length)}`);
        return update(data);
      },
    });
  };
  syncBuiltinESMExports();
  try {
    await act();
  } finally {
    crypto.createHash = real;
    syncBuiltinESMExports();
  }
  return made;
}

describe('API: a call is read once', () => {
  let api: ApiServer;
  afterEach(() => api.close());

  /**
   * @returns the status and the digests for the signature of the call, without that of the response, which has a
   *   version
   */
  async function post(body: FormData, headers: Record<string, string> = {}) {
    let status = 0;
    const made = await signaturesMadeBy(async () => {
      const response = await fetch(`${api.apiUrl}/image/upload`, { method: 'POST', headers, body });
      await response.arrayBuffer();
      status = response.status;
    });
    return [status, made.filter((text) => !text.includes('version='))];
  }

  it('a signed upload computes one digest', async () => {
    api = await startApi();
    const fields = signed({ public_id: 'cat', tags: 'a,b' });
    const expected = [`sha1 public_id=cat&tags=a,b&timestamp=${fields['timestamp']}`];
    assert.deepEqual(await post(form(fields, png(4, 3))), [200, expected]);
  });

  it('a signed upload computes two digests when the two versions of its signature differ', async () => {
    api = await startApi();
    const fields = signed({ context: 'alt=a&b', public_id: 'cat' });
    const rest = `public_id=cat&timestamp=${fields['timestamp']}`;
    const expected = [`sha1 context=alt=a%26b&${rest}`, `sha1 context=alt=a&b&${rest}`];
    assert.deepEqual(await post(form(fields, png(4, 3))), [200, expected]);
  });

  it('the length of the signature decides the algorithm; another length computes no digest', async () => {
    api = await startApi();
    const fields: Record<string, string> = signed({ public_id: 'cat' });
    const text = `public_id=cat&timestamp=${fields['timestamp']}`;
    const signature = sign(text, apiSecret, 'sha256');
    assert.deepEqual(await post(form({ ...fields, signature }, png(4, 3))), [200, [`sha256 ${text}`]]);
    assert.deepEqual(await post(form({ ...fields, signature: `${signature}0` }, png(4, 3))), [401, []]);
  });

  it('a refused upload is not authenticated again', async () => {
    api = await startApi();
    const fields: Record<string, string> = { ...signed({ public_id: 'cat' }), public_id: 'dog' };
    const expected = [`sha1 public_id=dog&timestamp=${fields['timestamp']}`];
    assert.deepEqual(await post(form(fields, png(4, 3))), [401, expected]);
  });

  it('parameters after the file are read together with those before it', async () => {
    api = await startApi();
    const { folder = '', ...fields } = signed({ public_id: 'cat', folder: 'pets' });
    const body = form(fields, png(4, 3));
    body.append('folder', folder);
    const end = `public_id=cat&timestamp=${fields['timestamp']}`;
    assert.deepEqual(await post(body), [200, [`sha1 ${end}`, `sha1 folder=pets&${end}`]]);
    assert.ok(await api.originals.find({ resourceType: 'image', publicId: 'pets/cat' }));
  });

  it('each part of an upload computes one digest', async () => {
    api = await startApi();
    const bytes = png(4, 3);
    const send = partSender(api, bytes);
    const fields = signed({ public_id: 'cat' });
    const half = Math.floor(bytes.length / 2);
    const statuses: number[] = [];
    const made = await signaturesMadeBy(async () => {
      statuses.push((await send({ start: 0, end: half, type: 'image', fields })).status);
      statuses.push((await send({ start: half, end: bytes.length, type: 'image', fields })).status);
    });
    assert.deepEqual(statuses, [200, 200]);
    const text = `sha1 public_id=cat&timestamp=${fields['timestamp']}`;
    assert.deepEqual(made.slice(0, 2), [text, text]);
    assert.match(made.slice(2).join(), /^sha1 public_id=cat&version=\d+$/);
  });

  it('an unsigned upload looks its preset up once', async () => {
    let reads = 0;
    const preset: UploadPreset = {
      get folder() {
        reads += 1;
        return 'guests';
      },
    };
    api = await startApi({ uploadPresets: { visitors: preset } });
    reads = 0;
    const [status] = await post(form({ upload_preset: 'visitors', public_id: 'cat' }, png(4, 3)));
    assert.deepEqual([status, reads], [200, 1]);
  });

  it('Basic authorization computes no signature, but two digests that compare the secret', async () => {
    api = await startApi();
    const expected = [200, ['sha256 ', 'sha256 ']];
    assert.deepEqual(await post(form({ public_id: 'cat' }, png(4, 3)), { authorization: basic }), expected);
  });
});
