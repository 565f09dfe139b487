import assert from 'node:assert/strict';
import { createClient } from '@safelight/client';
import { type AssetSrc, assetSrc, createLoader } from '@safelight/client/next';
import { createAsset } from '@safelight/client/url';
import { anyPlace, cat } from './picture-site.ts';

const loader = createLoader(anyPlace);
const invalid = { name: 'SafelightError', code: 'invalid_asset_ref' };

describe('the source of a picture in a framework', () => {
  it('has only the fields that a URL needs, of an asset or of a stored reference', () => {
    const stored = { ...cat, bytes: 12_345, thumbhash: 'x'.repeat(40), secret: 'of the row' };
    const src: AssetSrc = assetSrc(stored);
    assert.deepEqual(JSON.parse(src), cat);
    assert.equal(assetSrc(createAsset(stored, anyPlace)), src);
    assert.equal(loader({ src, width: 300 }), createAsset(cat, anyPlace).url({ width: 300, format: 'auto' }));
  });

  it('is refused when it is wrong, also by the compiler', () => {
    // @ts-expect-error a public ID
    assert.throws(() => assetSrc('pets/cat'), invalid);
    // @ts-expect-error a URL
    assert.throws(() => assetSrc(new URL('https://h.example/demo/image/upload/v1795368841/cat.jpg')), invalid);
    // @ts-expect-error a reference without a version
    assert.throws(() => assetSrc({ publicId: 'cat', resourceType: 'image', format: 'jpg' }), invalid);
    // @ts-expect-error the result of a query, which may be undefined
    assert.throws(() => assetSrc(undefined), invalid);
    for (const version of [0, 1, 1.5, Number.NaN]) assert.throws(() => assetSrc({ ...cat, version }), invalid);
    // @ts-expect-error a string may be a URL
    const src: AssetSrc = 'https://h.example/cat.jpg';
    assert.throws(() => loader({ src, width: 300 }), invalid);
  });

  it('does not exist before its upload has been awaited', async () => {
    const task = createClient(anyPlace).upload(new Blob(['x']), { signal: AbortSignal.abort() });
    const notReady = { name: 'SafelightError', code: 'original_not_ready', message: /await/i };
    // @ts-expect-error an upload that is running
    assert.throws(() => assetSrc(task), notReady);
    // @ts-expect-error the same upload, in a component
    assert.throws(() => loader({ src: task, width: 300 }), notReady);
    assert.throws(() => loader({ src: `${task}`, width: 300 }), notReady);
    await assert.rejects(task);
  });

  for (const src of [
    '',
    'cat',
    '/cat.jpg',
    'https://h.example/cat.jpg',
    '[object Object]',
    '"cat"',
    '5',
    'null',
    '[]',
  ]) {
    it(`a loader refuses ${JSON.stringify(src)}, and names the expected value`, () => {
      assert.throws(() => loader({ src, width: 300 }), {
        ...invalid,
        message: /assetSrc\(asset\)|publicId|asset reference/,
      });
    });
  }

  it('a loader refuses a reference whose version was lost or invented', () => {
    for (const version of [undefined, 0, 1, '1795368841']) {
      const src = JSON.stringify({ ...cat, version });
      assert.throws(() => loader({ src, width: 300 }), { ...invalid, message: /version/ }, src);
    }
  });

  it('shows only the start of a long wrong source', () => {
    assert.throws(
      () => loader({ src: `data:image/png;base64,${'A'.repeat(5000)}`, width: 300 }),
      ({ message }: Error) => message.includes('data:image/png') && message.length < 400,
    );
  });

  it('a wrong place is refused when the loader is created', () => {
    assert.throws(() => createLoader({ endpoint: '/pictures', cloudName: 'demo' }), /endpoint.*absolute URL/);
    assert.throws(() => createLoader({ endpoint: 'http://localhost:3000', cloudName: '' }), /cloudName/);
  });
});
