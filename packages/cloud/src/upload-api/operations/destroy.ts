import type { DestroyResponse } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest } from '../api-error.ts';
import type { AssetCall } from '../call.ts';
import type { Progress } from '../idempotency.ts';
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
  { originals, changes }: ApiContext,
  progress: Partial<Progress>,
): Promise<DestroyResponse> {
  if (fields.get(ofUploads)) throw badRequest(`Parameter ${ofUploads} is not offered by destroy. Leave it out.`);
  const input = readInput(destroyInput, fields);
  const asset = { resourceType, publicId: checkedPublicId(input.public_id) };
  const isDestroyed = progress.destroyed ?? (await changes.inTurn(asset, () => originals.destroy(asset)));
  if (isDestroyed) progress.destroyed = true;
  await changes.confirm([asset], 'The asset is destroyed');
  return { result: isDestroyed ? 'ok' : 'not found' };
}
