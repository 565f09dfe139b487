import type { AssetId } from '@safelight/core';
import type { ResourceResponse } from '@safelight/protocol';
import { notFound } from '../api-error.ts';
import { describeAsset, type ResponseSettings } from '../describe-asset.ts';
import { checkedPublicId } from '../public-id.ts';
import type { ApiContext } from '../upload-api-options.ts';

/** Describes an asset. `derived` is always empty, because any derivative can be made at any time. */
export async function resource(
  { resourceType, publicId }: AssetId,
  context: ApiContext,
  settings: ResponseSettings,
): Promise<ResourceResponse> {
  const asset = { resourceType, publicId: checkedPublicId(publicId) };
  const original = await context.originals.find(asset);
  if (original === undefined) throw notFound(`Resource not found - ${asset.publicId}`);
  return { ...describeAsset(original, settings), etag: original.etag, derived: [] };
}
