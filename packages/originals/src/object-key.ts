import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AssetId } from '@safelight/core';

/**
 * The folder of an asset, relative to the root: two lower-case hex names, whatever the public ID is.
 *
 * A hash, because public IDs hold `/`, `..`, 255 characters of any script and upper beside lower case, and file systems
 * disagree about every one of these. JSON keeps lone surrogates apart, which UTF-8 would all turn into U+FFFD.
 */
export function objectKey(asset: AssetId): string {
  const hash = hashOf(asset);
  return join(hash.slice(0, 2), hash.slice(2));
}

/**
 * The asset ID (32 hex digits) of an asset that has no version to take it over from.
 *
 * Not random, so that two first uploads at once agree; `goneAt` (the version at which the asset was last destroyed, else
 * 0) in it, so that what is uploaded after a destroy or a rename is another asset.
 */
export function firstAssetId(asset: AssetId, goneAt: number): string {
  return hashOf(asset, goneAt).slice(0, 32);
}

function hashOf({ resourceType, publicId }: AssetId, ...more: readonly number[]): string {
  return createHash('sha256')
    .update(JSON.stringify([resourceType, publicId, ...more]))
    .digest('hex');
}
