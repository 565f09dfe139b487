import assert from 'node:assert/strict';
import { assetSrc, createTransformer } from '@safelight/client/unpic';
import { parseDeliveryPath } from '@safelight/protocol';
import fc from 'fast-check';
import { anyPlace, cat } from './picture-site.ts';

const transformer = createTransformer(anyPlace);
const pixels = fc.integer({ min: 1, max: 10_000 });

describe('the size that a loader requests', () => {
  it('is the size of the framework, reduced to the original in the same proportions', () => {
    fc.assert(
      fc.property(pixels, pixels, pixels, pixels, (width, height, originalWidth, originalHeight) => {
        const src = assetSrc({ ...cat, width: originalWidth, height: originalHeight });
        const scale = Math.min(1, originalWidth / width, originalHeight / height);
        const asked = sizeIn(transformer(src, { width, height }));
        assert.ok(Math.abs(asked.width - Math.max(1, width * scale)) <= 0.500001, `${asked.width} wide`);
        assert.ok(Math.abs(asked.height - Math.max(1, height * scale)) <= 0.500001, `${asked.height} high`);
        assert.ok(asked.width <= originalWidth && asked.height <= originalHeight);
        assert.equal(sizeIn(transformer(src, { width })).width, Math.min(width, originalWidth));
        assert.equal(sizeIn(transformer(src, { height })).height, Math.min(height, originalHeight));
      }),
    );
  });

  it('is the size of the framework when the size of the original is not known', () => {
    const { width: _, height: __, ...unmeasured } = cat;
    assert.deepEqual(sizeIn(transformer(assetSrc(unmeasured), { width: 5000, height: 4000 })), {
      width: 5000,
      height: 4000,
    });
  });

  it('is read from digits and rounded to pixels', () => {
    assert.deepEqual(sizeIn(transformer(assetSrc(cat), { width: '300', height: 199.5 })), { width: 300, height: 200 });
  });

  it('is absent when the framework names none', () => {
    assert.deepEqual(sizeIn(transformer(assetSrc(cat), {})), { width: Number.NaN, height: Number.NaN });
  });

  it('is refused with a message when it is not a number', () => {
    assert.throws(() => transformer(assetSrc(cat), { width: 'wide' }), /width/);
  });
});

function sizeIn(url: string): { readonly width: number; readonly height: number } {
  const parsed = parseDeliveryPath(new URL(url).pathname);
  assert.ok(parsed.ok, url);
  const { width, height } = parsed.delivery.transformation[0] ?? {};
  return { width: Number(width), height: Number(height) };
}
