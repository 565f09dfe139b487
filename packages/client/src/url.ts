import { expectOptions } from '@safelight/protocol';
import { type AssetRef, type NotPromised, parseAssetRef } from './asset-ref.ts';
import {
  buildUnversionedUrl,
  type DeliveryPlaceOptions,
  type DeliveryUrl,
  deliveryPlace,
  placeOptions,
  type UnversionedOptions,
} from './delivery-url.ts';
import type { TransformationInput } from './transformation-input.ts';
import { type Picture, UploadedAsset } from './uploaded-asset.ts';

export {
  type AttrsOptions,
  type FixedAttrs,
  type FullWidthAttrs,
  type ImgAttrs,
  imgAttrs,
  type ResponsiveAttrs,
} from './img-attrs.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';
export type {
  AssetRef,
  DeliveryPlaceOptions,
  DeliveryUrl,
  Picture,
  TransformationInput,
  UnversionedOptions,
  UploadedAsset,
};

/**
 * An asset with URLs, made from a stored reference: enough for a page that only shows pictures.
 * @throws {SafelightError} `invalid_asset_ref`; `original_not_ready` for an upload that has not been awaited
 * @throws {TypeError} when an option does not exist or cannot be used
 */
export function createAsset<Ref>(ref: NotPromised<Ref>, options: DeliveryPlaceOptions): UploadedAsset {
  expectOptions('createAsset()', options, placeOptions);
  return UploadedAsset.seal(parseAssetRef(ref), deliveryPlace(options));
}

/**
 * A URL without a version, for an asset that may not exist yet: a request may be too early.
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `invalid_asset_ref`, `invalid_transformation`
 */
export function dangerouslyBuildUrl(
  place: DeliveryPlaceOptions,
  publicId: string,
  transformation?: TransformationInput,
  options?: UnversionedOptions,
): string {
  expectOptions('The place of dangerouslyBuildUrl()', place, placeOptions);
  return buildUnversionedUrl(deliveryPlace(place), publicId, transformation, options);
}
