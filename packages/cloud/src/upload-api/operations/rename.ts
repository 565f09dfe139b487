import type { AssetDescription } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest, notFound } from '../api-error.ts';
import type { AssetCall } from '../call.ts';
import { type Progress, recordOf } from '../call-progress.ts';
import type { CallRun } from '../call-run.ts';
import { describeAsset } from '../describe-asset.ts';
import { deliveryType, flag, readInput, text } from '../input.ts';
import { checkedPublicId } from '../public-id.ts';
import type { ApiContext } from '../upload-api-options.ts';

export interface RenameInput {
  readonly from_public_id: string;
  readonly to_public_id: string;
  readonly type?: 'upload' | undefined;
  readonly to_type?: 'upload' | undefined;
  readonly overwrite?: boolean | undefined;
  readonly invalidate?: boolean | undefined;
}

export const renameInput: z.ZodType<RenameInput> = z.object({
  from_public_id: text,
  to_public_id: text,
  type: deliveryType.optional(),
  to_type: deliveryType.optional(),
  overwrite: flag.optional(),
  invalidate: flag.optional(),
});

/**
 * Gives an asset another public ID. Both generations are renewed, also when the old ID does not exist, because an
 * earlier call may have renamed the asset without confirming that.
 */
export async function rename(
  { resourceType, fields, arrival, settings }: AssetCall,
  { originals, changes }: ApiContext,
  { progress, note }: CallRun<Progress>,
): Promise<AssetDescription> {
  const input = readInput(renameInput, fields);
  const from = { resourceType, publicId: checkedPublicId(input.from_public_id) };
  const to = { resourceType, publicId: checkedPublicId(input.to_public_id) };
  if (from.publicId === to.publicId) throw badRequest('from_public_id and to_public_id are the same');

  await arrival.expect(to);
  if (progress.renamed === undefined) {
    const overwrite = input.overwrite ?? false;
    const renamed = await changes.inTurn(to, () => originals.rename(from, to, { overwrite }));
    // SDKs do not read the body of a 409 on this call.
    if (renamed === 'taken') throw badRequest(`Resource already exists - ${to.publicId}`);
    if (renamed !== undefined) {
      progress.renamed = recordOf(renamed);
      await note();
    }
  }
  await changes.confirm([to, from], 'The asset is renamed');
  if (progress.renamed === undefined) throw notFound(`Resource not found - ${from.publicId}`);
  return describeAsset(progress.renamed, settings);
}
