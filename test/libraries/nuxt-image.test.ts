import type { CreateImageOptions, ImageModifiers } from '@nuxt/image';
import { createImage } from '@nuxt/image/runtime';
import cloudinary from '@nuxt/image/runtime/providers/cloudinary';
import { deliversAll, type LibraryCall, publicId } from './library-site.ts';

const $img = createImage({
  providers: {
    cloudinary: { setup: cloudinary, defaults: { baseURL: 'https://res.cloudinary.com/demo/image/upload' } },
  },
  provider: 'cloudinary',
  nuxt: { baseURL: '/' },
  presets: {},
  screens: {},
  alias: {},
  domains: [],
  densities: [1, 2],
  format: ['webp'],
} as unknown as CreateImageOptions);

const box = { width: 400, height: 400 };
const rows: readonly (readonly [modifiers: object, size: LibraryCall['size'], type?: string])[] = [
  [{ width: 320 }, [320, 200]],
  [{ ...box, fit: 'cover' }, [400, 400]],
  [{ width: 3000, height: 3000, fit: 'cover' }, [1600, 1000]],
  [{ ...box, fit: 'inside', background: '#00ff00' }, [400, 400]],
  [{ ...box, fit: 'outside', background: 'white' }, [400, 400]],
  [{ ...box, fit: 'contain' }, [400, 400]],
  [{ ...box, fit: 'fill', gravity: 'northEast' }, [400, 400]],
  [{ width: 2000, height: 2000, fit: 'minCover' }, [2000, 1250]],
  [{ width: 500, height: 1200, fit: 'minInside' }, [1600, 1200]],
  [{ ...box, fit: 'thumbnail', gravity: 'center', zoom: 1.2 }, [400, 400]],
  [{ ...box, fit: 'cropping', gravity: 'west' }, [400, 400]],
  [{ width: 3000, fit: 'coverLimit' }, [1600, 1000]],
  [{ width: 300, dpr: 2, blur: 300, roundCorner: 'max' }, [600, 375]],
  [{ width: 320, aspectRatio: '16:9', fit: 'fill', opacity: 50, flags: 'progressive' }, [320, 180]],
  [{ width: 200, format: 'jpeg', quality: 50, rotate: 90, effect: 'grayscale' }, [125, 200], 'image/jpeg'],
  [{ width: 50, transformation: 'thumb' }, [50, 50]],
];

deliversAll(
  '@nuxt/image',
  rows.map(([modifiers, size, type]) => ({
    call: JSON.stringify(modifiers),
    url: $img(`/${publicId}.jpg`, modifiers as ImageModifiers),
    size,
    ...(type === undefined ? {} : { type }),
  })),
);
