import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createClient, type UploadPhase } from '@safelight/client';
import sharp from 'sharp';
import { startCloudinaryStandIn } from './cloudinary-stand-in.ts';
import { startSafelight } from './safelight-place.ts';
import { signWith } from './sign-upload.ts';
import type { UploadPlace } from './upload-place.ts';

const places = [
  ['as Cloudinary is recorded', startCloudinaryStandIn],
  ['on a real server', startSafelight],
] as const;

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** At most three parts of 5 MB, all different. */
const large = Uint8Array.from({ length: 11_000_000 }, (_, index) => (index * 31 + (index >> 8)) & 255);

for (const [name, start] of places) {
  describe(`uploads ${name}`, () => {
    let place: UploadPlace;
    let picture: Blob;
    before(async () => {
      const image = sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } });
      picture = new Blob([Uint8Array.from(await image.png().toBuffer())]);
    });
    beforeEach(async () => {
      place = await start();
    });
    afterEach(() => place.close());

    it('resolve with an asset whose URLs name the stored version', async () => {
      const asset = await createClient(place.options).upload(picture, { publicId: 'folder/cat' });
      assert.equal(asset.publicId, 'folder/cat');
      assert.match(
        asset.url({ width: 30, crop: 'fill' }),
        new RegExp(`^${place.deliveryOrigin}/demo/image/upload/.*w_30`),
      );
      assert.ok(asset.url().includes(`/v${asset.version}/folder/cat.`));
      assert.deepEqual(
        place.stored.map(({ publicId, bytes }) => [publicId, sha(bytes)]),
        [['folder/cat', sha(new Uint8Array(await picture.arrayBuffer()))]],
      );
    });

    it('get an ID from the server without the option publicId', async () => {
      const asset = await createClient(place.options).upload(picture);
      assert.equal(asset.publicId, place.stored[0]?.publicId);
    });

    it('may be signed, overwrite, and make derivations in advance', async () => {
      const client = createClient(place.signedOptions);
      const first = await client.upload(picture, { publicId: 'cat' });
      const second = await client.upload(picture, {
        publicId: 'cat',
        overwrite: true,
        eager: [{ width: 10, crop: 'fit' }],
      });
      assert.ok(second.version > first.version);
      assert.equal(place.stored.length, 2);
    });

    it('without a signature reject when the ID is taken, and resolve with the existing asset only when asked', async () => {
      const client = createClient(place.options);
      const first = await client.upload(picture, { publicId: 'cat' });
      const other = new Blob([picture, 'x']);
      await assert.rejects(client.upload(other, { publicId: 'cat' }), { code: 'public_id_taken', publicId: 'cat' });
      const second = await client.upload(other, { publicId: 'cat', ifExists: 'use' });
      assert.equal(second.version, first.version);
      assert.equal(place.stored.length, 1);
    });

    it('may be raw', async () => {
      const asset = await createClient(place.options).upload(new File(['a,b'], 'a.csv'), {
        publicId: 'a.csv',
        resourceType: 'raw',
      });
      assert.equal(asset.url(), `${place.deliveryOrigin}/demo/raw/upload/v${asset.version}/a.csv`);
    });

    const refused = [
      [{ uploadPreset: 'other' }, [400, 401], /preset/i],
      [{ uploadPreset: undefined }, [400, 401], /preset/i],
      [{ sign: signWith('wrong') }, [401], /Invalid Signature.*sign/s],
    ] as const;
    for (const [wrong, statuses, message] of refused) {
      const value = 'sign' in wrong ? 'with another secret' : wrong.uploadPreset;
      it(`are refused with the server's message: ${Object.keys(wrong)} ${value}`, async () => {
        const { uploadPreset: _, ...options } = place.options;
        const client = createClient({ ...options, ...(wrong as object) });
        await assert.rejects(client.upload(picture), (error: { code: string; status: number; message: string }) => {
          assert.equal(error.code, 'rejected');
          assert.ok((statuses as readonly number[]).includes(error.status), `${error.status}`);
          assert.match(error.message, message);
          return true;
        });
        assert.equal(place.stored.length, 0);
      });
    }

    describe('in parts', () => {
      it('store the file once, byte for byte', async () => {
        const phases: UploadPhase[] = [];
        const asset = await createClient(place.options).upload(large, {
          resourceType: 'raw',
          publicId: 'large.bin',
          onProgress: ({ phase }) => phases.at(-1) === phase || phases.push(phase),
        });
        assert.equal(asset.bytes, large.length);
        assert.deepEqual(phases, ['queued', 'sending', 'processing', 'ready']);
        assert.deepEqual(
          place.stored.map(({ bytes }) => sha(bytes)),
          [sha(large)],
        );
      });

      for (const when of ['body', 'answer'] as const) {
        for (const part of ['first', 'second', 'last'] as const) {
          const range = { first: 'bytes 0-', second: 'bytes 5000000-', last: 'bytes 10000000-' }[part];
          it(`continue after the ${when} of the ${part} part was lost, and store the file once`, async () => {
            place.loseNext(when, ({ headers }) => headers['content-range']?.startsWith(range) ?? false);
            const client = createClient(place.signedOptions);
            const asset = await client.upload(large, { resourceType: 'raw' });
            assert.equal(asset.bytes, large.length);
            assert.equal(place.requests.length, 4);
            assert.deepEqual(
              place.stored.map(({ bytes }) => sha(bytes)),
              [sha(large)],
            );
          });
        }
      }
    });
  });
}

describe('uploads on a real server', () => {
  let place: UploadPlace;
  beforeEach(async () => {
    place = await startSafelight();
  });
  afterEach(() => place.close());
  const raw = { resourceType: 'raw' } as const;

  for (const when of ['body', 'answer'] as const) {
    it(`are stored once when the ${when} was lost`, async () => {
      place.loseNext(when);
      await createClient(place.options).upload(new Blob(['picture']), raw);
      assert.equal(place.requests.length, 2);
      assert.equal(place.stored.length, 1);
    });
  }

  it('can be awaited by a client that did not upload them', async () => {
    const client = createClient(place.options);
    const ready = client.whenReady('notes.txt', raw);
    const uploaded = await client.upload(new Blob(['text']), { publicId: 'notes.txt', ...raw });
    assert.deepEqual((await ready).toJSON(), uploaded.toJSON());
    const newer = createClient(place.signedOptions).upload(new Blob(['text 2']), { publicId: 'notes.txt', ...raw });
    assert.equal(
      (await client.whenReady('notes.txt', { ...raw, newerThan: uploaded.version })).version,
      (await newer).version,
    );
    assert.ok(place.requests.every(({ url }) => !url?.startsWith('/demo/')));
  });
});
