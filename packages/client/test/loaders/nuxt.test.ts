import assert from 'node:assert/strict';
import type { CreateImageOptions, ImageProvider } from '@nuxt/image';
import { createImage } from '@nuxt/image/runtime';
import { assetSrc, createProvider, type LoaderOptions } from '@safelight/client/nuxt';
import { createAsset } from '@safelight/client/url';
import type { TransformationStep } from '@safelight/protocol';
import { anyPlace, candidatesIn, cat, lookAt, type PictureSite, startPictureSite } from './picture-site.ts';

describe('the provider for Nuxt Image', () => {
  let site: PictureSite;
  before(async () => {
    site = await startPictureSite();
  });
  after(() => site.close());

  it('gives $img and its sizes pictures with the named widths', async () => {
    const asset = await site.put('wide', { width: 1600, height: 800 });
    const $img = nuxtImage(site.place);
    const one = await lookAt($img(assetSrc(asset), { width: 320, format: 'webp' }), asset);
    assert.deepEqual(one, { width: 320, height: 160, type: 'image/webp' });

    const { srcset } = $img.getSizes(assetSrc(asset), { sizes: 'sm:100vw lg:50vw', modifiers: { width: 400 } });
    const candidates = candidatesIn(srcset).filter(({ descriptor }) => Number.parseInt(descriptor, 10) >= 10);
    const seen = candidates.map(async ({ url, descriptor }) => [descriptor, (await lookAt(url, asset)).width]);
    assert.deepEqual(await Promise.all(seen), [
      ['512w', 512],
      ['640w', 640],
      ['1024w', 1024],
      ['1280w', 1280],
    ]);
  });

  it("gives every source of <NuxtPicture> its format, under Nuxt's name for it", async () => {
    const asset = await site.put('formats', { width: 600, height: 400 });
    const $img = nuxtImage(site.place);
    for (const format of ['webp', 'jpeg', 'png']) {
      const { srcset } = $img.getSizes(assetSrc(asset), { modifiers: { width: 300, format }, densities: 'x1' });
      const [first] = candidatesIn(srcset);
      assert.deepEqual(await lookAt(first?.url ?? '', asset), { width: 300, height: 200, type: `image/${format}` });
    }
  });

  it("fills a box by Nuxt's names, with Nuxt's colours and blur, and by Safelight's names", async () => {
    const asset = await site.put('boxes', { width: 600, height: 400 });
    const $img = nuxtImage(site.place);
    const box = { width: 200, height: 200 };
    const shapes: readonly [Record<string, unknown>, TransformationStep, number][] = [
      [{ fit: 'cover' }, { crop: 'fill' }, 200],
      [{ fit: 'contain', background: '#00ff00' }, { crop: 'pad', background: 'rgb:00ff00' }, 200],
      [{ fit: 'fill' }, { crop: 'scale' }, 200],
      [{ fit: 'inside' }, { crop: 'fit' }, 133],
      [{ crop: 'thumb', gravity: 'north' }, { crop: 'thumb', gravity: 'north' }, 200],
      [{ quality: '50', blur: 3 }, { crop: 'fill', quality: 50, effect: 'blur:3' }, 200],
    ];
    for (const [modifiers, step, height] of shapes) {
      const url = $img(assetSrc(asset), { ...box, ...modifiers });
      assert.equal(url, asset.url({ ...box, format: 'auto', ...step }));
      assert.equal((await lookAt(url, asset)).height, height, url);
    }
  });

  it('is not affected by aliases, domains and presets of the application', () => {
    const $img = nuxtImage(anyPlace, { alias: { '/': 'https://alias.example' }, domains: ['other.example'] });
    assert.equal($img(assetSrc(cat), { width: 300 }), createAsset(cat, anyPlace).url({ width: 300, format: 'auto' }));
  });

  it('has the types of its modifiers for Nuxt', () => {
    type OptionsOf<Setup extends () => unknown> =
      ReturnType<Setup> extends ImageProvider<infer Options> ? Options : never;
    type Options = OptionsOf<ReturnType<typeof createProvider>>;
    const options: Options = { modifiers: { gravity: 'north', crop: 'fill', fit: 'cover' } };
    // @ts-expect-error a misspelt name
    const wrong: Options = { modifiers: { gravity: 'nort' } };
    assert.ok(options && wrong);
  });

  it('throws for a wrong source', () => {
    const $img = nuxtImage(anyPlace);
    for (const src of ['/cat.jpg', 'cat', 'https://h.example/cat.jpg']) {
      assert.throws(() => $img(src, { width: 300 }), { name: 'SafelightError', code: 'invalid_asset_ref' }, src);
    }
  });
});

/** The `$img` that Nuxt makes of `image.providers` in an application. */
function nuxtImage(options: LoaderOptions, more: Partial<CreateImageOptions> = {}): ReturnType<typeof createImage> {
  const setup: () => ImageProvider<Record<string, unknown>> = createProvider(options);
  return createImage({
    providers: { safelight: { setup, defaults: {} } },
    provider: 'safelight',
    nuxt: { baseURL: '/' },
    presets: {},
    screens: { sm: 640, lg: 1024 },
    alias: {},
    domains: [],
    densities: [1, 2],
    format: ['webp'],
    ...more,
  } as CreateImageOptions);
}
