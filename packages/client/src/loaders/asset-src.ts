import { type AssetRef, parseAssetRef } from '../asset-ref.ts';
import { SafelightError } from '../safelight-error.ts';

declare const assetSrcBrand: unique symbol;

/**
 * A reference as JSON text, because the `src` of a framework must be a string. Only `assetSrc()` returns this type, so
 * the compiler refuses a URL or a public ID in its place.
 */
export type AssetSrc = string & { readonly [assetSrcBrand]: true };

/** Only the fields that a URL needs, because the text is sent with the page. */
const urlFields: (keyof AssetRef)[] = ['publicId', 'version', 'resourceType', 'format', 'width', 'height'];

/**
 * The `src` of an uploaded picture for a framework's image component. It takes an asset or a stored reference.
 * @throws {SafelightError} `invalid_asset_ref` when it is not a reference, `original_not_ready` for an upload that has
 *   not been awaited
 * @example
 * const src = assetSrc({ publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' });
 * JSON.parse(src).version; // 1795368841
 */
export function assetSrc(asset: AssetRef): AssetSrc {
  return JSON.stringify(parseAssetRef(asset), urlFields) as AssetSrc;
}

/** Reads the result of `assetSrc()` or of `JSON.stringify(asset)`. */
export function readAssetSrc(src: unknown): AssetRef {
  return parseAssetRef(typeof src === 'string' ? parseJson(src) : src);
}

function parseJson(src: string): unknown {
  try {
    return JSON.parse(src);
  } catch (cause) {
    throw new SafelightError(
      'invalid_asset_ref',
      `src is ${JSON.stringify(src.slice(0, 80))}. Expected assetSrc(asset).`,
      { cause },
    );
  }
}
