import type { DeliveryUrl } from './delivery-url.ts';
import { createPictureUrl, type LoaderOptions, type PictureStep } from './loaders/picture-url.ts';

export type { AssetRef } from './asset-ref.ts';
export type { DeliveryUrl } from './delivery-url.ts';
export { type AssetSrc, assetSrc } from './loaders/asset-src.ts';
export type { LoaderOptions, PictureStep } from './loaders/picture-url.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';

/** The operations of unpic, and all options of a transformation step. */
export type UnpicOperations = Omit<PictureStep, 'format' | 'quality'> & {
  readonly width?: number | string;
  readonly height?: number | string;
  readonly format?: string;
  readonly quality?: number | string;
};

/**
 * A transformer for `<Image>` and `<Source>` of unpic's `base` entries.
 * @throws {TypeError} when an option does not exist or cannot be used; the transformer throws `SafelightError` for
 *   a `src` that is not a reference
 * @example
 * import { assetSrc } from '@safelight/client/unpic';
 *
 * const transformer = createTransformer({ endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const src = assetSrc({ publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' });
 * transformer(src, { width: 640 }); // 'https://pictures.example/demo/image/upload/f_auto,w_640/v1795368841/cat.jpg'
 * // In JSX: <Image transformer={transformer} src={src} layout="constrained" width={600} height={400} alt="A cat" />
 */
export function createTransformer(
  options: LoaderOptions,
): (src: string | URL, operations: UnpicOperations) => DeliveryUrl {
  return createPictureUrl('createTransformer()', options);
}
