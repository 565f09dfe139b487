import type { ExplicitResponse } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest, notFound } from '../api-error.ts';
import type { AssetCall } from '../call.ts';
import { describeAsset } from '../describe-asset.ts';
import { eagerResponse, parseEager } from '../eager.ts';
import { deliveryType, eagerList, flag, readInput, text } from '../input.ts';
import { checkedPublicId } from '../public-id.ts';
import type { ApiContext } from '../upload-api-options.ts';

export interface ExplicitInput {
  readonly public_id: string;
  readonly type: 'upload';
  readonly eager?: readonly string[] | undefined;
  readonly eager_async?: boolean | undefined;
  readonly invalidate?: boolean | undefined;
}

export const explicitInput: z.ZodType<ExplicitInput> = z.object({
  public_id: text,
  type: deliveryType,
  eager: eagerList.optional(),
  eager_async: flag.optional(),
  invalidate: flag.optional(),
});

/** Parameters that the record of a version contains. A record does not change after its publication. */
const fixedAtUpload = ['tags', 'context', 'display_name'];

/** Renews the generation of an existing asset, also without `invalidate`, and makes derivatives again. */
export async function explicit(call: AssetCall, context: ApiContext): Promise<ExplicitResponse> {
  const input = readInput(explicitInput, call.fields);
  const derivations = parseEager(input.eager ?? []);
  const fixed = fixedAtUpload.find((name) => call.fields.get(name));
  if (fixed !== undefined) {
    throw badRequest(`Changing ${fixed} of an asset is not offered here. Upload it again with the new ${fixed}.`);
  }
  const asset = { resourceType: call.resourceType, publicId: checkedPublicId(input.public_id) };
  const original = await context.originals.find(asset);
  await context.changes.confirm([asset], 'The asset was found');
  if (original === undefined) throw notFound(`Resource not found - ${asset.publicId}`);
  const eager = await eagerResponse(original, derivations, {
    isAsync: input.eager_async,
    context,
    settings: call.settings,
  });
  return { ...describeAsset(original, call.settings), ...eager };
}
