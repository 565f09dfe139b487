import {
  checkParts,
  type ExpectedOptions,
  expectLike,
  expectOptions,
  type ResourceType,
  type TransformationStep,
  writeDeliveryPath,
  writeTransformation,
} from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { absoluteUrl, anyValue } from './option-patterns.ts';
import { blame } from './safelight-error.ts';
import type { TransformationInput } from './transformation-input.ts';

declare const deliveryUrlBrand: unique symbol;

/** A URL of a version that exists. Only `asset.url()` makes one, so the compiler refuses an ordinary string. */
export type DeliveryUrl = string & { readonly [deliveryUrlBrand]: true };

export interface DeliveryPlace {
  /** Where pictures are delivered from, without a trailing slash. */
  readonly base: string;
  readonly cloudName: string;
}

export interface DeliveryPlaceOptions {
  /** Origin of the server, for example `http://localhost:3000`; a path in front of everything is allowed. */
  readonly endpoint: string | URL;
  readonly cloudName: string;
  /**
   * Where pictures are delivered from, when that is not the endpoint: a CDN's origin. Default: `endpoint`, but
   * `https://res.cloudinary.com` for Cloudinary's own.
   */
  readonly deliveryUrl?: string | URL;
}

/** Their values are checked by `deliveryPlace`. */
export const placeOptions: ExpectedOptions<DeliveryPlaceOptions> = {
  endpoint: anyValue,
  deliveryUrl: anyValue,
  cloudName: anyValue,
};

/** @throws {TypeError} when a URL is not absolute or the cloud name cannot stand in one */
export function deliveryPlace({ endpoint, deliveryUrl, cloudName }: DeliveryPlaceOptions): DeliveryPlace {
  checkParts({ cloudName });
  const base = baseUrl(deliveryUrl || endpoint, deliveryUrl ? 'deliveryUrl' : 'endpoint');
  // Cloudinary takes uploads at one host and delivers at another.
  return { base: base.replace(/\/api(-..)?(?=\.cloudinary\.com$)/, '/res'), cloudName };
}

/**
 * An absolute URL as text to which paths are appended, without a trailing slash.
 * @throws {TypeError} naming the option, also for a URL with a query, a fragment or a password
 */
export function baseUrl(url: string | URL, option: string): string {
  return `${expectLike(option, url, absoluteUrl)}`.replace(/\/+$/, '');
}

export interface UnversionedOptions {
  /** Default `image`. */
  readonly resourceType?: ResourceType;
}

/**
 * A URL without a version, for an asset that may not exist yet. It may answer 404 because the original is missing, also
 * for a while after the original has arrived, and caches must revalidate it for ever. The public ID may end in an
 * extension (`cat.jpg`).
 */
export function buildUnversionedUrl(
  place: DeliveryPlace,
  publicId: string,
  input?: TransformationInput,
  options: UnversionedOptions = {},
): string {
  expectOptions('dangerouslyBuildUrl()', options, { resourceType: anyValue });
  const { resourceType = 'image' } = options;
  blame('invalid_asset_ref', () => checkParts({ publicId, resourceType }));
  const [, name = publicId, format = ''] =
    (resourceType !== 'raw' && /^(.*[^/])\.([a-z0-9]{1,10})$/i.exec(publicId)) || [];
  return buildDeliveryUrl(place, { publicId: name, resourceType, version: undefined, format: format.toLowerCase() }, [
    input,
  ]);
}

/**
 * The URL of one version of an asset, or of the newest. Says a format once. A concrete `format` becomes the URL's
 * extension, so that name and bytes agree; `auto` stays in the transformation and the URL keeps the extension of the
 * original. Of several formats the last one counts.
 * @throws {SafelightError} `invalid_transformation`
 */
export function buildDeliveryUrl(
  place: DeliveryPlace,
  ref: Pick<AssetRef, 'publicId' | 'resourceType' | 'format'> & { readonly version: number | undefined },
  inputs: readonly (TransformationInput | undefined)[],
): string {
  return blame('invalid_transformation', () => {
    let format: TransformationStep['format'];
    const transformation = inputs.flat().map((step = {}): TransformationStep => {
      // Checks the whole step, with the part that is removed from it.
      writeTransformation([step]);
      const { format: own = format, ...rest } = step;
      format = own;
      return rest;
    });
    if (format === 'auto') {
      transformation.push({ ...transformation.pop(), format });
      format = undefined;
    }
    return place.base + writeDeliveryPath({ ...place, ...ref, transformation, extension: format ?? ref.format });
  });
}
