import type { AssetQuery, OriginalRecord } from '@safelight/core';
import type { ResourcesResponse } from '@safelight/protocol';
import type { z } from 'zod';
import { deliveryType, flag } from '../../upload-api/input.ts';
import { listedEntry, listedMembers } from '../described.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { defaultResults, indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

/** The parameters of every list. */
const ofLists = {
  resource_type: schemas.resourceType,
  type: deliveryType.optional(),
  max_results: schemas.maxResults.optional(),
  next_cursor: schemas.cursor.optional(),
  direction: schemas.direction.optional(),
  start_at: schemas.time.optional(),
  fields: listedMembers.optional(),
  tags: flag.optional(),
  context: flag.optional(),
  metadata: flag.optional(),
} satisfies z.ZodRawShape;

const ignored = { moderations: 'Safelight has no moderation.', moderation: 'Safelight has no moderation.' };

interface ListInput {
  readonly max_results?: number | undefined;
  readonly next_cursor?: string | undefined;
  readonly direction?: 'asc' | 'desc' | undefined;
  readonly start_at?: number | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly tags?: boolean | undefined;
  readonly context?: boolean | undefined;
  readonly metadata?: boolean | undefined;
}

type Filter = Omit<AssetQuery, 'limit' | 'after' | 'startAt' | 'order'>;

/** By public ID, or by time of upload when the caller gives a direction or a start. */
async function listPage(filter: Filter, input: ListInput, call: AdminCall): Promise<ResourcesResponse> {
  const { direction, start_at: startAt } = input;
  const isByTime = direction !== undefined || startAt !== undefined;
  const { assets, next } = await pageOf(indexOf(call.context), (index) =>
    index.list({
      ...filter,
      limit: input.max_results ?? defaultResults,
      after: input.next_cursor,
      startAt,
      order: isByTime ? { by: 'createdAt', direction: direction ?? 'desc' } : undefined,
    }),
  );
  return { resources: entries(assets, input, call), ...nextCursor(next) };
}

function entries(
  assets: readonly OriginalRecord[],
  input: ListInput,
  { settings }: AdminCall,
): ResourcesResponse['resources'] {
  const withField = (['tags', 'context', 'metadata'] as const).filter((name) => input[name]);
  return assets.map((asset) => listedEntry(asset, { fields: input.fields, withField }, settings));
}

const byPrefixOrIds = { prefix: schemas.word.optional(), public_ids: schemas.ids.optional() };

async function resourcesPage(
  input: ListInput & { readonly resource_type: OriginalRecord['resourceType'] } & {
    readonly prefix?: string | undefined;
    readonly public_ids?: readonly string[] | undefined;
  },
  call: AdminCall,
): Promise<ResourcesResponse> {
  const { resource_type: resourceType, prefix, public_ids: publicIds } = input;
  if (publicIds === undefined) return listPage({ resourceType, prefix }, input, call);
  // The originals know the names, so this works without an index.
  const found = await Promise.all(
    [...new Set(publicIds)].map((publicId) => call.context.originals.find({ resourceType, publicId })),
  );
  return {
    resources: entries(
      found.filter((asset) => asset !== undefined),
      input,
      call,
    ),
  };
}

export const resources: AdminOperation = operation({
  name: 'resources',
  method: 'GET',
  path: 'resources/{resource_type}',
  summary: 'Lists assets, all or by the beginning of the public ID, or those with some public IDs',
  shape: { ...ofLists, ...byPrefixOrIds },
  ignored,
  run: resourcesPage,
});

export const resourcesOfType: AdminOperation = operation({
  name: 'resources',
  method: 'GET',
  path: 'resources/{resource_type}/{type}',
  summary: 'The same list, with the delivery type in the path',
  shape: { ...ofLists, ...byPrefixOrIds },
  ignored,
  run: resourcesPage,
});

export const resourcesByTag: AdminOperation = operation({
  name: 'resources_by_tag',
  method: 'GET',
  path: 'resources/{resource_type}/tags/{tag}',
  summary: 'Lists the assets that have a tag, the newest first',
  shape: { ...ofLists, tag: schemas.word },
  ignored,
  run: (input, call) =>
    listPage({ resourceType: input.resource_type, tag: input.tag }, { direction: 'desc', ...input }, call),
});

export const resourcesByContext: AdminOperation = operation({
  name: 'resources_by_context',
  method: 'GET',
  path: 'resources/{resource_type}/context',
  summary: 'Lists the assets with a key in their context, and with a value if one is given, the newest first',
  shape: { ...ofLists, key: schemas.word, value: schemas.word.optional() },
  ignored,
  run: ({ key, value, ...input }, call) =>
    listPage({ resourceType: input.resource_type, context: { key, value } }, { direction: 'desc', ...input }, call),
});

const { resource_type: _, type: _type, ...ofAllTypes } = ofLists;

export const resourcesByAssetFolder: AdminOperation = operation({
  name: 'resources_by_asset_folder',
  method: 'GET',
  path: 'resources/by_asset_folder',
  summary: 'Lists the assets in an asset folder',
  shape: { ...ofAllTypes, asset_folder: schemas.folderPath.optional() },
  ignored,
  run: ({ asset_folder: assetFolder = '', ...input }, call) => listPage({ assetFolder }, input, call),
});

export const resourcesByAssetIds: AdminOperation = operation({
  name: 'resources_by_asset_ids',
  method: 'GET',
  path: 'resources/by_asset_ids',
  summary: 'The assets with some asset IDs',
  shape: { ...ofAllTypes, asset_ids: schemas.ids },
  ignored,
  async run({ asset_ids: assetIds, ...input }, call) {
    const found = await Promise.all(
      [...new Set(assetIds)].map((id) => pageOf(indexOf(call.context), (index) => index.find(id))),
    );
    return {
      resources: entries(
        found.filter((asset) => asset !== undefined),
        input,
        call,
      ),
    };
  },
});
