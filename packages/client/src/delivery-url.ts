import { type Delivery, formatDeliveryPath, type ResourceType } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { deliveryShape, type TransformationInput } from './transformation-input.ts';

declare const deliveryUrlBrand: unique symbol;

/** A URL that names a version which exists. Only `asset.url()` makes one, so no string can pass for it by mistake. */
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

/** @throws {TypeError} when a URL is not absolute or the cloud name is empty */
export function deliveryPlace({ endpoint, deliveryUrl, cloudName }: DeliveryPlaceOptions): DeliveryPlace {
  if (cloudName === '' || /[/?#\s]/.test(cloudName)) {
    throw new TypeError(`cloudName is ${JSON.stringify(cloudName)}. Expected one URL segment such as demo.`);
  }
  return {
    base:
      deliveryUrl === undefined
        ? // Cloudinary takes uploads at one host and delivers at another.
          baseUrl(endpoint, 'endpoint').replace(/^(https?:..)api(-eu|-ap)?(?=\.cloudinary\.com$)/, '$1res')
        : baseUrl(deliveryUrl, 'deliveryUrl'),
    cloudName,
  };
}

/**
 * An absolute URL as text to which paths are appended: no trailing slash, query or fragment.
 * @throws {TypeError} naming the option
 */
export function baseUrl(url: string | URL, option: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError(`${option} is "${url}". Expected an absolute URL such as http://localhost:3000.`);
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

/** The URL of one version of an asset. */
export function buildDeliveryUrl(place: DeliveryPlace, ref: AssetRef, input?: TransformationInput): DeliveryUrl {
  // A raw file's extension is part of its ID.
  const { steps, extension } = deliveryShape(input, ref.resourceType === 'raw' ? '' : ref.format);
  return deliveryUrlOf(place, { ...ref, transformation: steps, extension }) as DeliveryUrl;
}

export interface UnversionedOptions {
  /** Default `image`. */
  readonly resourceType?: ResourceType;
}

/**
 * A URL without a version, for an asset of which nothing is known. It may answer 404 because the original is not there
 * yet, it may go on doing so for a while after the original has arrived, and it must be revalidated for ever. The public
 * ID may end in an extension (`cat.jpg`).
 */
export function buildUnversionedUrl(
  place: DeliveryPlace,
  publicId: string,
  input?: TransformationInput,
  { resourceType = 'image' }: UnversionedOptions = {},
): string {
  const { name, format } = resourceType === 'raw' ? { name: publicId, format: '' } : splitFormat(publicId);
  const { steps, extension } = deliveryShape(input, format);
  return deliveryUrlOf(place, { publicId: name, resourceType, version: undefined, transformation: steps, extension });
}

function splitFormat(publicId: string): { readonly name: string; readonly format: string } {
  const [, name = publicId, format = ''] = /^(.*[^/])\.([a-z0-9]{1,10})$/i.exec(publicId) ?? [];
  return { name, format: format.toLowerCase() };
}

function deliveryUrlOf(
  { base, cloudName }: DeliveryPlace,
  asset: Pick<Delivery, 'publicId' | 'resourceType' | 'version' | 'transformation' | 'extension'>,
): string {
  const { publicId, resourceType, version, transformation, extension } = asset;
  return `${base}${formatDeliveryPath({
    cloudName,
    resourceType,
    publicId,
    transformation,
    version,
    extension,
    placeholder: undefined,
  })}`;
}
