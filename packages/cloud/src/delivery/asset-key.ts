import type { AssetId } from '@safelight/core';

/** The name under which the guard knows an asset of a cloud. */
export function assetKey(cloudName: string, { resourceType, publicId }: AssetId): string {
  return `cloud:${cloudName}/${resourceType}/${publicId}`;
}
