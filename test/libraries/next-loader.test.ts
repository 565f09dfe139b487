import { deliversAll, publicId } from './library-site.ts';

interface ImageLoaderProps {
  readonly src: string;
  readonly width: number;
  readonly quality?: number;
}

/** The loader for Cloudinary in the documentation of Next.js (`images.loaderFile`), with the origin of a cloud. */
function cloudinaryLoader({ src, width, quality }: ImageLoaderProps): string {
  const params = ['f_auto', 'c_limit', `w_${width}`, `q_${quality || 'auto'}`];
  return `https://example.com/demo/image/upload/${params.join(',')}${src}`;
}

/** The default `deviceSizes` and two of `imageSizes`. */
const widths = [64, 256, 640, 750, 828, 1080, 1200, 1920, 2048, 3840];

deliversAll('the loader that Next.js documents', [
  ...widths.map((width) => {
    const shown = Math.min(width, 1600);
    const url = cloudinaryLoader({ src: `/${publicId}.jpg`, width });
    return { call: `width ${width}`, url, size: [shown, Math.round((shown * 1000) / 1600)] as const };
  }),
  { call: 'quality 50', url: cloudinaryLoader({ src: `/${publicId}`, width: 320, quality: 50 }), size: [320, 200] },
]);
