import type { DeliveryUrl } from './delivery-url.ts';
import { createPictureUrl, type LoaderOptions } from './loaders/picture-url.ts';

export type { AssetRef } from './asset-ref.ts';
export type { DeliveryUrl } from './delivery-url.ts';
export { type AssetSrc, assetSrc } from './loaders/asset-src.ts';
export type { LoaderOptions, PictureStep } from './loaders/picture-url.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';

/** The props that next/image passes to a loader. */
export interface NextLoaderProps {
  /** The result of `assetSrc(asset)`. Every other string is refused. */
  readonly src: string;
  /** Pixels. */
  readonly width: number;
  /** 1 to 100. */
  readonly quality?: number | undefined;
}

/**
 * A loader for next/image: its `loader` prop, or the default export of the file that `images.loaderFile` names.
 * @throws {TypeError} when an option does not exist or cannot be used; the loader throws `SafelightError` for a
 *   `src` that is not a reference
 * @example
 * const loader = createLoader({ endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const src = assetSrc({ publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' });
 * loader({ src, width: 640 }); // 'https://pictures.example/demo/image/upload/f_auto,w_640/v1795368841/cat.jpg'
 * // In JSX: <Image loader={loader} src={src} width={600} height={400} alt="A cat" />
 */
export function createLoader(options: LoaderOptions): (props: NextLoaderProps) => DeliveryUrl {
  const pictureUrl = createPictureUrl('createLoader()', options);
  return ({ src, width, quality }) => pictureUrl(src, { width, quality });
}
