import assert from 'node:assert/strict';
import { assetSrc, createLoader, type PictureStep } from '@safelight/client/next';
import { createAsset } from '@safelight/client/url';
import nextImage, { type ImageLoader } from 'next/image.js';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { anyPlace, candidatesIn, cat, lookAt, type PictureSite, startPictureSite } from './picture-site.ts';

const { default: Image, getImageProps } = nextImage;
const loader: ImageLoader = createLoader(anyPlace);
const asset = createAsset(cat, anyPlace);

describe('the loader for next/image', () => {
  let site: PictureSite;
  before(async () => {
    site = await startPictureSite();
  });
  after(() => site.close());

  it('gives getImageProps URLs whose pictures have the named widths', async () => {
    const wide = await site.put('wide', { width: 2000, height: 1000 });
    const { props } = getImageProps({
      loader: createLoader(site.place),
      src: assetSrc(wide),
      width: 640,
      height: 320,
      alt: '',
    });
    const seen = candidatesIn(props.srcSet).map(async ({ url, descriptor }) => [descriptor, await lookAt(url, wide)]);
    assert.deepEqual(await Promise.all(seen), [
      ['1x', { width: 640, height: 320, type: 'image/webp' }],
      ['2x', { width: 1920, height: 960, type: 'image/webp' }],
    ]);
    assert.equal(props.src, candidatesIn(props.srcSet).at(-1)?.url);
  });

  it('works in an <Image> that a server renders, and its URLs deliver pictures', async () => {
    const rendered = await site.put('rendered', { width: 1200, height: 800 });
    const props = { loader: createLoader(site.place), src: assetSrc(rendered), alt: 'A cat' };
    const html = renderToStaticMarkup(createElement(Image, { ...props, fill: true, sizes: '50vw' }));
    const [, srcSet = ''] = /srcSet="([^"]+)"/.exec(html) ?? [];
    const candidates = candidatesIn(srcSet);
    assert.deepEqual(candidates.map(({ descriptor }) => descriptor).slice(-4), ['1200w', '1920w', '2048w', '3840w']);
    for (const { url, descriptor } of candidates) {
      const { width } = await lookAt(url, rendered);
      assert.equal(width, Math.min(Number.parseInt(descriptor, 10), 1200));
    }
    assert.doesNotMatch(html, /publicId/, 'the reference itself is no part of the page');
  });

  it('uses the quality, and takes a stored reference or an asset', () => {
    const { props } = getImageProps({ loader, src: assetSrc(cat), width: 256, height: 170, quality: 75, alt: '' });
    assert.equal(candidatesIn(props.srcSet)[0]?.url, asset.url({ width: 256, quality: 75, format: 'auto' }));
    assert.equal(loader({ src: JSON.stringify(cat), width: 256 }), loader({ src: assetSrc(cat), width: 256 }));
  });

  it('takes defaults: a format or none, and a quality that next/image may override', () => {
    const urlOf = (defaults: PictureStep, quality?: number) =>
      createLoader({ ...anyPlace, defaults })({ src: assetSrc(cat), width: 300, quality });
    assert.equal(urlOf({}), asset.url({ width: 300 }));
    assert.equal(urlOf({ format: 'webp' }), asset.url({ width: 300, format: 'webp' }));
    assert.equal(urlOf({ quality: 'auto:eco' }), asset.url({ width: 300, quality: 'auto:eco' }));
    assert.equal(urlOf({ quality: 'auto:eco' }, 80), asset.url({ width: 300, quality: 80 }));
  });

  it('delivers from the CDN of the option deliveryUrl', () => {
    const fromCdn = createLoader({ ...anyPlace, deliveryUrl: 'https://cdn.example/pictures/' });
    assert.match(
      fromCdn({ src: assetSrc(cat), width: 300 }),
      /^https:\/\/cdn\.example\/pictures\/demo\/image\/upload\//,
    );
  });

  it('throws for a wrong source when <Image> is rendered', () => {
    assert.throws(() => getImageProps({ loader, src: '/cat.jpg', width: 300, height: 200, alt: '' }), {
      name: 'SafelightError',
      code: 'invalid_asset_ref',
    });
  });
});
