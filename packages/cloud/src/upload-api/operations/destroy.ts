import type { AssetId } from '@safelight/core';
import type { DestroyResponse } from '@safelight/protocol';
import { z } from 'zod';
import { findByAssetId } from '../../admin-api/pages.ts';
import { badRequest } from '../api-error.ts';
import type { AssetCall, AssetIdCall } from '../call.ts';
import type { Progress } from '../call-progress.ts';
import type { CallRun } from '../call-run.ts';
import { deliveryType, flag, readInput, text } from '../input.ts';
import { checkedPublicId } from '../public-id.ts';
import type { ApiContext } from '../upload-api-options.ts';

export interface DestroyInput {
  readonly public_id: string;
  readonly type?: 'upload' | undefined;
  readonly invalidate?: boolean | undefined;
}

export const destroyInput: z.ZodType<DestroyInput> = z.object({
  public_id: text,
  type: deliveryType.optional(),
  invalidate: flag.optional(),
});

/**
 * A parameter of uploads. A signature does not cover the operation, so an upload that must not replace an asset could be
 * sent as `destroy` otherwise.
 */
const ofUploads = 'overwrite';

/**
 * Destroys an asset. Its generation is renewed also when the asset does not exist, because an earlier call may have
 * destroyed it without confirming that.
 */
export async function destroy(
  { resourceType, fields }: AssetCall,
  context: ApiContext,
  run: CallRun<Progress>,
): Promise<DestroyResponse> {
  if (fields.get(ofUploads)) throw badRequest(`Parameter ${ofUploads} is not offered by destroy. Leave it out.`);
  const input = readInput(destroyInput, fields);
  const asset = { resourceType, publicId: checkedPublicId(input.public_id) };
  return destroyAsset(asset, context, run);
}

export interface DestroyByAssetIdInput {
  readonly asset_id: string;
  readonly invalidate?: boolean | undefined;
}

export const destroyByAssetIdInput: z.ZodType<DestroyByAssetIdInput> = z.object({
  asset_id: z.string().regex(/^[0-9a-f]{32}$/, { error: 'Expected 32 hex digits' }),
  invalidate: flag.optional(),
});

/** Destroys the asset that has an asset ID. */
export async function destroyByAssetId(
  { fields }: AssetIdCall,
  context: ApiContext,
  run: CallRun<Progress>,
): Promise<DestroyResponse> {
  const { asset_id: assetId } = readInput(destroyByAssetIdInput, fields);
  const asset = run.progress.destroyed ?? (await findByAssetId(assetId, context));
  return asset === undefined ? { result: 'not found' } : destroyAsset(asset, context, run);
}

async function destroyAsset(
  asset: AssetId,
  { originals, changes }: ApiContext,
  { progress, note }: CallRun<Progress>,
): Promise<DestroyResponse> {
  const isDestroyed = progress.destroyed !== undefined || (await changes.inTurn(asset, () => originals.destroy(asset)));
  if (isDestroyed && progress.destroyed === undefined) {
    progress.destroyed = { resourceType: asset.resourceType, publicId: asset.publicId };
    await note();
  }
  await changes.confirm([asset], 'The asset is destroyed');
  return { result: isDestroyed ? 'ok' : 'not found' };
}
