import assert from 'node:assert/strict';
import { assetSrc, createTransformer } from '@safelight/client/unpic';
import { createAsset } from '@safelight/client/url';
import {
  type CoreImageAttributes,
  type CoreSourceAttributes,
  transformBaseImageProps,
  transformBaseSourceProps,
} from '@unpic/core/base';
import { anyPlace, candidatesIn, cat, lookAt, type PictureSite, startPictureSite } from './picture-site.ts';

type ImageAttributes = CoreImageAttributes<Record<string, string>>;

describe('the transformer for unpic', () => {
  let site: PictureSite;
  before(async () => {
    site = await startPictureSite();
  });
  after(() => site.close());

  it('gives an image in each layout pictures with the named widths', async () => {
    const asset = await site.put('wide', { width: 1800, height: 1200 });
    const picture = { src: assetSrc(asset), transformer: createTransformer(site.place), alt: '' };
    const layouts: readonly ImageAttributes[] = [
      transformBaseImageProps({ ...picture, layout: 'constrained', width: 400, height: 300 }),
      transformBaseImageProps({ ...picture, layout: 'fixed', width: 300, aspectRatio: 1 }),
      transformBaseImageProps({ ...picture, layout: 'fullWidth', breakpoints: [640, 1280, 1800] }),
    ];
    const seen = layouts.map(({ srcset }) =>
      Promise.all(
        candidatesIn(String(srcset)).map(async ({ url, descriptor }) => {
          const { width, height } = await lookAt(url, asset);
          return `${descriptor}: ${width} x ${height}`;
        }),
      ),
    );
    assert.deepEqual(await Promise.all(seen), [
      ['400w: 400 x 300', '640w: 640 x 480', '750w: 750 x 563', '800w: 800 x 600'],
      ['300w: 300 x 300', '600w: 600 x 600'],
      ['640w: 640 x 427', '1280w: 1280 x 853', '1800w: 1800 x 1200'],
    ]);
  });

  it('gives <source> the format of its type', async () => {
    const asset = await site.put('typed', { width: 600, height: 400 });
    const source: CoreSourceAttributes = transformBaseSourceProps({
      src: assetSrc(asset),
      transformer: createTransformer(site.place),
      type: 'image/jpeg',
      layout: 'fixed',
      width: 200,
      height: 100,
    });
    const [first] = candidatesIn(source.srcset ?? '');
    assert.deepEqual(await lookAt(first?.url ?? '', asset), { width: 200, height: 100, type: 'image/jpeg' });
  });

  it('takes all options of a step as operations', () => {
    const image: ImageAttributes = transformBaseImageProps({
      src: assetSrc(cat),
      transformer: createTransformer(anyPlace),
      operations: { gravity: 'north', quality: '60', effect: 'grayscale' },
      layout: 'fixed',
      width: 300,
      height: 200,
    });
    const step = { crop: 'fill', effect: 'grayscale', format: 'auto', gravity: 'north', quality: 60 } as const;
    assert.equal(image.src, createAsset(cat, anyPlace).url({ ...step, width: 300, height: 200 }));
  });

  it('uses a small picture of the same version as the background of an image', () => {
    const image: ImageAttributes = transformBaseImageProps({
      src: assetSrc(cat),
      transformer: createTransformer(anyPlace),
      background: 'auto',
      width: 300,
      height: 200,
    });
    const small = createAsset(cat, anyPlace).url({ crop: 'fill', width: 24, height: 16, format: 'auto' });
    assert.equal(image.style?.['background-image'], `url(${small})`);
  });

  it('throws for a wrong source', () => {
    const transformer = createTransformer(anyPlace);
    assert.throws(
      () => transformBaseImageProps({ src: 'https://h.example/cat.jpg', transformer, width: 3, height: 2 }),
      {
        name: 'SafelightError',
        code: 'invalid_asset_ref',
      },
    );
  });
});
