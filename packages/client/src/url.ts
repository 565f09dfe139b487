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
 * An asset with URLs, made from a stored reference. A page that only shows pictures needs no more. It sends no request.
 * @throws {SafelightError} `invalid_asset_ref`; `original_not_ready` for an upload that has not been awaited
 * @throws {TypeError} when an option does not exist or cannot be used
 * @example
 * const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
 * const asset = createAsset(ref, { endpoint: 'https://pictures.example', cloudName: 'demo' });
 * asset.url(); // 'https://pictures.example/demo/image/upload/v1795368841/cat.jpg'
 * asset.url({ width: 300, format: 'webp' }); // 'https://pictures.example/demo/image/upload/w_300/v1795368841/cat.webp'
 */
export function createAsset<Ref>(ref: NotPromised<Ref>, options: DeliveryPlaceOptions): UploadedAsset {
  expectOptions('createAsset()', options, placeOptions);
  return UploadedAsset.of(parseAssetRef(ref), deliveryPlace(options));
}

/**
 * A URL without a version, for an asset that may not exist yet. A request before the upload fails, and caches store that
 * failure for some time.
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `invalid_asset_ref`, `invalid_transformation`
 * @example
 * const place = { endpoint: 'https://pictures.example', cloudName: 'demo' };
 * dangerouslyBuildUrl(place, 'cat.jpg', { width: 300 }); // 'https://pictures.example/demo/image/upload/w_300/cat.jpg'
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
