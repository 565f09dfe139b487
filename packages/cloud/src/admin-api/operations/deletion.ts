import type { AssetId, AssetQuery } from '@safelight/core';
import type { DeletedResponse } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest } from '../../upload-api/api-error.ts';
import { flag } from '../../upload-api/input.ts';
import { checkedPublicId } from '../../upload-api/public-id.ts';
import { type DeleteOptions, deleteAssets } from '../delete-assets.ts';
import { forgetDerivatives } from '../forget-derivatives.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { findByAssetId, indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

/** The most assets that one call deletes. The response says whether more match. */
const maxDeleted = 100;

const ofDeletions = {
  keep_original: flag.optional(),
  invalidate: flag.optional(),
  next_cursor: schemas.cursor.optional(),
} satisfies z.ZodRawShape;

const refused = {
  transformations: 'Delete derivatives by their IDs (DELETE /derived_resources), or all with keep_original.',
};

async function deleteMatching(
  filter: Omit<AssetQuery, 'limit' | 'after'>,
  { next_cursor: after, ...options }: DeleteOptions & { readonly next_cursor?: string | undefined },
  call: AdminCall,
): Promise<DeletedResponse> {
  const { assets, next } = await pageOf(indexOf(call.context), (index) =>
    index.list({ ...filter, limit: maxDeleted, after }),
  );
  const named = assets.map((asset) => [asset.publicId, asset] as const);
  return { ...(await deleteAssets(named, options, call)), partial: next !== undefined, ...nextCursor(next) };
}

export const deleteResources: AdminOperation = operation({
  name: 'delete_resources',
  method: 'DELETE',
  path: 'resources/{resource_type}/{type}',
  summary: 'Deletes assets by their public IDs, by the beginning of the public ID, or all',
  shape: {
    resource_type: schemas.resourceType,
    type: z.string(),
    public_ids: schemas.ids.optional(),
    prefix: schemas.word.optional(),
    all: flag.optional(),
    ...ofDeletions,
  },
  refused,
  async run({ resource_type: resourceType, public_ids: publicIds, prefix, all, ...options }, call) {
    const given = [publicIds, prefix, all || undefined].filter((choice) => choice !== undefined);
    if (given.length !== 1) {
      throw badRequest('Missing required parameter - public_ids. Send exactly one of public_ids, prefix and all=true.');
    }
    if (publicIds === undefined) return deleteMatching({ resourceType, prefix }, options, call);
    const named = publicIds.map((publicId): readonly [string, AssetId] => {
      return [publicId, { resourceType, publicId: checkedPublicId(publicId) }];
    });
    return { ...(await deleteAssets(named, options, call)), partial: false };
  },
});

export const deleteResourcesByTag: AdminOperation = operation({
  name: 'delete_resources_by_tag',
  method: 'DELETE',
  path: 'resources/{resource_type}/tags/{tag}',
  summary: 'Deletes the assets that have a tag',
  shape: { resource_type: schemas.resourceType, tag: schemas.word, ...ofDeletions },
  refused,
  run: ({ resource_type: resourceType, tag, ...options }, call) => deleteMatching({ resourceType, tag }, options, call),
});

export const deleteResourcesByAssetIds: AdminOperation = operation({
  name: 'delete_resources_by_asset_ids',
  method: 'DELETE',
  path: 'resources',
  summary: 'Deletes assets by their asset IDs',
  shape: { asset_ids: schemas.ids, ...ofDeletions },
  refused,
  async run({ asset_ids: assetIds, ...options }, call) {
    const named: (readonly [string, AssetId | undefined])[] = [];
    for (const assetId of assetIds) named.push([assetId, await findByAssetId(assetId, call.context)]);
    return { ...(await deleteAssets(named, options, call)), partial: false };
  },
});

export const deleteDerivedResources: AdminOperation = operation({
  name: 'delete_derived_resources',
  method: 'DELETE',
  path: 'derived_resources',
  summary: 'Deletes cached derivatives by their IDs. The next request for one makes it again',
  shape: { derived_resource_ids: schemas.ids, invalidate: flag.optional() },
  async run({ derived_resource_ids: derivedIds }, { context }) {
    const removed = await forgetDerivatives(derivedIds, context);
    return {
      deleted: Object.fromEntries(derivedIds.map((id) => [id, removed.has(id) ? 'deleted' : 'not_found'] as const)),
    };
  },
});
