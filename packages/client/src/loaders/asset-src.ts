import { type AssetRef, parseAssetRef } from '../asset-ref.ts';
import { SafelightError } from '../safelight-error.ts';

declare const assetSrcBrand: unique symbol;

/**
 * A reference as JSON, the form that fits into a framework's `src`. Only `assetSrc()` makes one, so the compiler
 * refuses a URL or a public ID in its place.
 */
export type AssetSrc = string & { readonly [assetSrcBrand]: true };

/** Only the fields that a URL needs, because the text is sent with the page's markup or data. */
const carried: (keyof AssetRef)[] = ['publicId', 'version', 'resourceType', 'format', 'width', 'height'];

/**
 * The `src` of an uploaded picture, for a framework's image component. A stored reference will do as well.
 * @throws {SafelightError} `invalid_asset_ref` when it is not a reference, `original_not_ready` for an upload that has
 * not been awaited
 */
export function assetSrc(asset: AssetRef): AssetSrc {
  return JSON.stringify(parseAssetRef(asset), carried) as AssetSrc;
}

/** Reads what `assetSrc()` or `JSON.stringify(asset)` wrote. */
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
      {
        cause,
      },
    );
  }
}
