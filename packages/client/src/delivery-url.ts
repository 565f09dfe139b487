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
import { SafelightError, withErrorCode } from './safelight-error.ts';
import type { TransformationInput } from './transformation-input.ts';

declare const deliveryUrlBrand: unique symbol;

/** A URL of a version that exists. Only `asset.url()` makes one, so the compiler refuses an ordinary string. */
export type DeliveryUrl = string & { readonly [deliveryUrlBrand]: true };

export interface DeliveryPlace {
  /** The URL below which pictures are delivered, without a trailing slash. */
  readonly url: string;
  readonly cloudName: string;
}

export interface DeliveryPlaceOptions {
  /** Absolute URL of the server, such as `http://localhost:3000`. It may have a path. */
  readonly endpoint: string | URL;
  readonly cloudName: string;
  /**
   * The origin that delivers pictures, when it is not the endpoint: a CDN's origin, for example.
   * @default `endpoint`; for the endpoint `https://api.cloudinary.com` it is `https://res.cloudinary.com`
   */
  readonly deliveryUrl?: string | URL | undefined;
}

/** Their values are checked by `deliveryPlace`. */
export const placeOptions: ExpectedOptions<DeliveryPlaceOptions> = {
  endpoint: anyValue,
  deliveryUrl: anyValue,
  cloudName: anyValue,
};

/** @throws {TypeError} when a URL is not absolute, or when the cloud name has characters that it must not have */
export function deliveryPlace({ endpoint, deliveryUrl, cloudName }: DeliveryPlaceOptions): DeliveryPlace {
  checkParts({ cloudName });
  const url = readBaseUrl(deliveryUrl || endpoint, deliveryUrl ? 'deliveryUrl' : 'endpoint');
  // Cloudinary takes uploads at one host and delivers at another.
  return { url: url.replace(/\/api(-..)?(?=\.cloudinary\.com$)/, '/res'), cloudName };
}

/**
 * An absolute URL as text to which paths can be appended, without a trailing slash.
 * @throws {TypeError} naming the option, also when the URL has a query, a fragment or a password
 */
export function readBaseUrl(url: string | URL, option: string): string {
  return `${expectLike(option, url, absoluteUrl)}`.replace(/\/+$/, '');
}

export interface UnversionedOptions {
  /** @default 'image' */
  readonly resourceType?: ResourceType | undefined;
}

/**
 * A URL without a version, for an asset that may not exist yet. Its response may be a 404 because the original is
 * missing, also for some time after the upload, and caches must always revalidate it. The public ID may end with an
 * extension (`cat.jpg`).
 * @throws {TypeError} when an option does not exist
 * @throws {SafelightError} `invalid_asset_ref`, `invalid_transformation`
 */
export function buildUnversionedUrl(
  place: DeliveryPlace,
  publicId: string,
  input?: TransformationInput,
  options: UnversionedOptions = {},
): string {
  expectOptions('dangerouslyBuildUrl()', options, { resourceType: anyValue });
  const { resourceType = 'image' } = options;
  withErrorCode('invalid_asset_ref', () => checkParts({ publicId, resourceType }));
  const [, name = publicId, format = ''] =
    (resourceType !== 'raw' && /^(.*[^/])\.([a-z0-9]{1,10})$/i.exec(publicId)) || [];
  return buildDeliveryUrl(place, { publicId: name, resourceType, version: undefined, format: format.toLowerCase() }, [
    input,
  ]);
}

/**
 * Checks that a URL can be the source of an `<img>`: raw files are never pictures, and videos only with an image format.
 * @returns the URL
 * @throws {SafelightError} `invalid_transformation`
 */
export function expectPictureUrl<Url extends string>(url: Url): Url {
  const [, type] = /\/(image|video|raw)\/upload\//.exec(url) ?? [];
  if (type === 'raw' || (type === 'video' && !/\.(jpg|png|webp|avif|gif)$/.test(url))) {
    throw new SafelightError(
      'invalid_transformation',
      `${url} is not a picture. Upload pictures with resourceType: 'image'; videos need a format such as jpg.`,
    );
  }
  return url;
}

/**
 * The URL of one version of an asset, or of the newest version. A concrete `format` becomes the URL's extension, so that
 * the extension tells the format of the bytes. `auto` stays in the transformation, and the URL has the extension of the
 * original. Of several formats, the last one is used.
 * @throws {SafelightError} `invalid_transformation`
 */
export function buildDeliveryUrl(
  place: DeliveryPlace,
  ref: Pick<AssetRef, 'publicId' | 'resourceType' | 'format'> & { readonly version: number | undefined },
  inputs: readonly (TransformationInput | undefined)[],
): string {
  return withErrorCode('invalid_transformation', () => {
    let format: TransformationStep['format'];
    const transformation = inputs.flat().map((step = {}): TransformationStep => {
      // Checks the whole step, including the format that is removed below.
      writeTransformation([step]);
      const { format: own = format, ...rest } = step;
      format = own;
      return rest;
    });
    if (ref.resourceType === 'raw' && (format || writeTransformation(transformation))) {
      throw new TypeError('A raw file cannot be transformed. Upload it as an image.');
    }
    if (format === 'auto') {
      transformation.push({ ...transformation.pop(), format });
      format = undefined;
    }
    return place.url + writeDeliveryPath({ ...place, ...ref, transformation, extension: format ?? ref.format });
  });
}
