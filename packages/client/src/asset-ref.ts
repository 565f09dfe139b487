import { checkParts, type ResourceType } from '@safelight/protocol';
import { SafelightError, withErrorCode } from './safelight-error.ts';

/** One uploaded version of an asset as plain data: the form to store, to send and to serialise. */
export interface AssetRef {
  readonly publicId: string;
  /** Unix seconds of the upload. A version proves that the original exists, so every reference has one. */
  readonly version: number;
  readonly resourceType: ResourceType;
  /** Canonical extension of the original (`jpg`); empty when it has none. */
  readonly format: string;
  /** Pixels of the original. */
  readonly width?: number;
  readonly height?: number;
  /** Size of the original in bytes. */
  readonly bytes?: number;
  readonly thumbhash?: string;
}

/** Excludes promises: for a promise, the compiler asks for the type that `await` would give. */
export type NotPromised<Ref> = Ref extends PromiseLike<unknown> ? AssetRef : Ref;

/**
 * Reads a stored reference, for example `JSON.parse(row.asset)`. Unknown fields are dropped, and so are optional fields
 * with a value of a wrong type.
 * @throws {SafelightError} `invalid_asset_ref`, naming the field and the expected value; `original_not_ready` for an
 *   upload that has not been awaited
 */
export function parseAssetRef(value: unknown): AssetRef {
  const { publicId, version, resourceType, format, width, height, bytes, thumbhash, then } = Object(value);
  if (then) {
    // For an upload task, `${value}` throws a more precise error, with its public ID and its phase.
    throw new SafelightError('original_not_ready', `Await ${value} first.`);
  }
  withErrorCode('invalid_asset_ref', () => checkParts({ publicId, version, resourceType, format }));
  return {
    publicId,
    version,
    resourceType,
    format,
    ...(Number.isInteger(width) && { width }),
    ...(Number.isInteger(height) && { height }),
    ...(Number.isInteger(bytes) && { bytes }),
    ...(typeof thumbhash === 'string' && { thumbhash }),
  };
}
