import { type ConstructUrlProps, constructCloudinaryUrl } from '@cloudinary-util/url-loader';
import { deliversAll, type LibraryCall, publicId } from './library-site.ts';

type Options = Omit<ConstructUrlProps['options'], 'src'>;

/** The URL that next-cloudinary, astro-cloudinary and svelte-cloudinary write for these properties of `<CldImage>`. */
function urlFor(options: object): string {
  return constructCloudinaryUrl({
    options: { src: publicId, ...(options as Options) } as ConstructUrlProps['options'],
    config: { cloud: { cloudName: 'demo' } },
    analytics: false,
  });
}

const rows: readonly (readonly [options: object, size: LibraryCall['size'], more?: Partial<LibraryCall>])[] = [
  [{ width: 960 }, [960, 600]],
  [{ width: 3000 }, [1600, 1000]],
  [{ width: 960, height: 480, crop: 'fill' }, [960, 480]],
  [{ width: 400, aspectRatio: '16:9', crop: 'fill' }, [400, 225]],
  [{ width: 300, dpr: '2.0' }, [600, 375]],
  [{ width: 300, height: 300, crop: 'pad', background: 'red' }, [300, 300]],
  [{ width: 400, height: 300, crop: { type: 'crop', width: 800, height: 600, source: true } }, [400, 300]],
  [{ width: 400, height: 400, crop: 'thumb', gravity: 'center', zoom: 0.5 }, [400, 400]],
  [{ width: 600, aspectRatio: '1:1', crop: 'thumb', gravity: 'north' }, [600, 600]],
  [{ width: 300, opacity: 50 }, [300, 188]],
  [{ width: 300, flags: ['progressive'], format: 'jpg' }, [300, 188], { type: 'image/jpeg' }],
  [
    { width: 300, flags: { attachment: 'my-cat' } },
    [300, 188],
    { headers: { 'content-disposition': 'attachment; filename=my-cat.webp' } },
  ],
  [{ width: 80, namedTransformations: ['thumb'] }, [80, 80]],
  [{ width: 300, blur: 200, grayscale: true, angle: 90, defaultImage: 'missing.png' }, [300, 480]],
  [{ width: 300, format: 'png', quality: 50 }, [300, 188], { type: 'image/png' }],
  [{ width: 300, rawTransformations: ['c_lfill,w_500,h_500', 'a_hflip'] }, [300, 300]],
];

deliversAll(
  '@cloudinary-util/url-loader',
  rows.map(([options, size, more]) => ({ call: JSON.stringify(options), url: urlFor(options), size, ...more })),
);
