import type { AssetId } from '@safelight/core';

/** What the names of a cloud's assets begin with; behind it come resource type and public ID. */
export function assetPrefix(cloudName: string): string {
  return `cloud:${cloudName}/`;
}

/** The name under which the guard knows an asset of a cloud. */
export function assetKey(cloudName: string, { resourceType, publicId }: AssetId): string {
  return `${assetPrefix(cloudName)}${resourceType}/${publicId}`;
}
