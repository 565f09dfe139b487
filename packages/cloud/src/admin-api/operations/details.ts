import type { OriginalRecord } from '@safelight/core';
import type { AssetDetails, DerivedRecord } from '@safelight/protocol';
import { z } from 'zod';
import { notFound } from '../../upload-api/api-error.ts';
import { describeAsset } from '../../upload-api/describe-asset.ts';
import { flag } from '../../upload-api/input.ts';
import { checkedPublicId } from '../../upload-api/public-id.ts';
import { describeDerived } from '../derived-entries.ts';
import { describeListed, describeVersion, detailMembers } from '../described.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { defaultResults, findByAssetId, indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

const ofDetails = {
  versions: flag.optional(),
  max_results: schemas.maxResults.optional(),
  derived_next_cursor: schemas.cursor.optional(),
  fields: detailMembers.optional(),
} satisfies z.ZodRawShape;

/** Parameters that ask for an analysis of the picture. The response has no such member. */
const noAnalysis = 'Safelight does not analyse pictures.';
const ignored = Object.fromEntries(
  [
    ...['colors', 'faces', 'phash', 'pages', 'coordinates', 'exif', 'image_metadata', 'media_metadata'],
    ...['quality_analysis', 'accessibility_analysis', 'cinemagraph_analysis', 'related', 'related_next_cursor'],
  ].map((name) => [name, noAnalysis]),
);

interface DetailsInput {
  readonly versions?: boolean | undefined;
  readonly max_results?: number | undefined;
  readonly derived_next_cursor?: string | undefined;
  readonly fields?: readonly string[] | undefined;
}

export const resource: AdminOperation = operation({
  name: 'resource',
  method: 'GET',
  path: 'resources/{resource_type}/{type}/{public_id}',
  summary: 'The details of an asset, by its public ID',
  shape: { resource_type: schemas.resourceType, type: z.string(), public_id: z.string(), ...ofDetails },
  ignored,
  async run({ resource_type: resourceType, public_id: publicId, ...input }, call) {
    const asset = { resourceType, publicId: checkedPublicId(publicId) };
    const found = await call.context.originals.find(asset);
    if (found === undefined) throw notFound(`Resource not found - ${asset.publicId}`);
    return withFields(await details(found, input, call), input.fields);
  },
});

export const resourceByAssetId: AdminOperation = operation({
  name: 'resource_by_asset_id',
  method: 'GET',
  path: 'resources/{asset_id}',
  summary: 'The details of an asset, by its asset ID',
  shape: { asset_id: z.string(), ...ofDetails },
  ignored,
  async run({ asset_id: assetId, ...input }, call) {
    const found = await findByAssetId(assetId, call.context);
    if (found === undefined) throw notFound(`Resource not found - ${assetId}`);
    return withFields(await details(found, input, call), input.fields);
  },
});

/** All members of an asset. Without an index, and while one is being built, `derived` is empty. */
export async function details(
  record: OriginalRecord,
  input: DetailsInput,
  { context, settings }: AdminCall,
): Promise<AssetDetails> {
  const { next, derived } = await derivedOf(record, input, { context, settings });
  const versions = input.versions ? await context.originals.versions(record) : undefined;
  const { tags: _tags, context: _context, ...listed } = describeListed(record, settings);
  return {
    ...listed,
    ...describeAsset(record, settings),
    etag: record.etag,
    derived,
    ...(versions === undefined
      ? {}
      : { versions: versions.map((one) => describeVersion(one, one.version === record.version)) }),
    ...nextCursor(next),
  };
}

async function derivedOf(
  asset: OriginalRecord,
  { max_results: limit = defaultResults, derived_next_cursor: after }: DetailsInput,
  { context, settings }: AdminCall,
): Promise<{ readonly derived: readonly DerivedRecord[]; readonly next?: string | undefined }> {
  const state = await context.index?.state();
  if (state?.phase !== 'ready') return { derived: [] };
  const { entries, next } = await pageOf(indexOf(context), (index) => index.derived({ asset, limit, after }));
  return { derived: entries.map((entry) => describeDerived(entry, asset, settings)), next };
}

function withFields(details: AssetDetails, fields: readonly string[] | undefined): Partial<AssetDetails> {
  if (fields === undefined) return details;
  const always = ['asset_id', 'public_id', ...fields];
  return Object.fromEntries(Object.entries(details).filter(([name]) => always.includes(name)));
}
