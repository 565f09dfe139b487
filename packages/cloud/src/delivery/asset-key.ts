import type { AssetId } from '@safelight/core';

/** Returns the prefix of all asset keys of a cloud. Resource type and public ID follow it. */
export function assetPrefix(cloudName: string): string {
  return `cloud:${cloudName}/`;
}

/** Returns the key of an asset in the guard. */
export function assetKey(cloudName: string, { resourceType, publicId }: AssetId): string {
  return `${assetPrefix(cloudName)}${resourceType}/${publicId}`;
}
