import type { DeliveryUrl } from './delivery-url.ts';
import { createPictureUrl, type LoaderOptions, type PictureStep } from './loaders/picture-url.ts';

export type { AssetRef } from './asset-ref.ts';
export type { DeliveryUrl } from './delivery-url.ts';
export { type AssetSrc, assetSrc } from './loaders/asset-src.ts';
export type { LoaderOptions, PictureStep } from './loaders/picture-url.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';

/** The options of unpic, and in `operations` all options of a step. */
export type UnpicOperations = Omit<PictureStep, 'format' | 'quality'> & {
  readonly width?: number | string;
  readonly height?: number | string;
  readonly format?: string;
  readonly quality?: number | string;
};

/**
 * A transformer for `<Image>` and `<Source>` of unpic's `base` entries.
 *
 *     <Image transformer={transformer} src={assetSrc(asset)} layout="constrained" width={600} height={400} alt="A cat"
 *   />
 *
 * @throws {TypeError} when an option does not exist or cannot be used; the transformer throws `SafelightError` for
 * a `src` that is not a reference
 */
export function createTransformer(
  options: LoaderOptions,
): (src: string | URL, operations: UnpicOperations) => DeliveryUrl {
  return createPictureUrl('createTransformer()', options);
}
