import type { AssetId } from '@safelight/core';
import type { AssetDetails } from '@safelight/protocol';
import { z } from 'zod';
import { notFound } from '../../upload-api/api-error.ts';
import { contextPairs } from '../../upload-api/context-pairs.ts';
import { type AssetFactsInput, newFacts } from '../../upload-api/facts-input.ts';
import { commaList, flag, metadataText, text } from '../../upload-api/input.ts';
import { refusedParameters } from '../../upload-api/parameter-policy.ts';
import { checkedPublicId } from '../../upload-api/public-id.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { findByAssetId } from '../pages.ts';
import * as schemas from '../schemas.ts';
import { details } from './details.ts';

const facts = {
  tags: commaList.optional(),
  context: contextPairs.optional(),
  metadata: metadataText.optional(),
  display_name: text.optional(),
  asset_folder: schemas.folderPath.optional(),
  invalidate: flag.optional(),
} satisfies z.ZodRawShape;

interface SentFacts extends AssetFactsInput {
  readonly invalidate?: boolean | undefined;
}

const refused = { ...refusedParameters, moderation_status: 'Safelight has no moderation.' };

/** No signature covers these calls. In a signed call, an empty parameter could be added, since the text has none of them. */
const clearing = ['tags', 'context'] as const;

/** The MCP server always sends it, as `false`. */
const ignored = { clear_invalid: 'Metadata is stored as it was sent.' };

export const update: AdminOperation = operation({
  name: 'update',
  method: 'POST',
  path: 'resources/{resource_type}/{type}/{public_id}',
  summary: 'Changes tags, context, metadata, display name or asset folder of an asset, without a new version',
  shape: { resource_type: schemas.resourceType, type: z.string(), public_id: z.string(), ...facts },
  refused,
  ignored,
  clearing,
  run: ({ resource_type: resourceType, public_id: publicId, ...sent }, call) =>
    changeFacts({ resourceType, publicId: checkedPublicId(publicId) }, sent, call),
});

const byAssetId = {
  name: 'update_by_asset_id',
  path: 'resources/{asset_id}',
  summary: 'The same change, by the asset ID',
  shape: { asset_id: z.string(), ...facts },
  refused,
  ignored,
  clearing,
  async run({ asset_id: assetId, ...sent }: SentFacts & { readonly asset_id: string }, call: AdminCall) {
    const found = await findByAssetId(assetId, call.context);
    if (found === undefined) throw notFound(`Resource not found - ${assetId}`);
    return changeFacts(found, sent, call);
  },
} as const;

export const updateByAssetId: AdminOperation = operation({ ...byAssetId, method: 'PUT' });
export const updateByAssetIdPost: AdminOperation = operation({ ...byAssetId, method: 'POST' });

/** The derivatives stay, unless `invalidate` is given: no fact changes a picture. */
async function changeFacts(asset: AssetId, sent: SentFacts, call: AdminCall): Promise<AssetDetails> {
  const { originals, changes } = call.context;
  const changed = await changes.inTurn(asset, () => originals.changeFacts(asset, (known) => newFacts(known, sent)));
  if (changed === undefined) throw notFound(`Resource not found - ${asset.publicId}`);
  if (sent.invalidate) await changes.confirm([asset], 'The asset is changed');
  return details(changed, {}, call);
}
