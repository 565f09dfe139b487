import type { AssetId, Original } from '@safelight/core';
import type { EagerDerivative, ExplicitResponse } from '@safelight/protocol';
import { z } from 'zod';
import { notFound } from '../api-error.ts';
import type { AssetCall } from '../call.ts';
import { contextPairs } from '../context-pairs.ts';
import { describeAsset } from '../describe-asset.ts';
import { eagerResponse, isReadable, readEager, unreadableResponse } from '../eager.ts';
import { type AssetFactsInput, newFacts } from '../facts-input.ts';
import { commaList, deliveryType, eagerList, flag, metadataText, readInput, text } from '../input.ts';
import { checkedPublicId } from '../public-id.ts';
import type { ApiContext } from '../upload-api-options.ts';

export interface ExplicitInput extends AssetFactsInput {
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
  tags: commaList.optional(),
  context: contextPairs.optional(),
  metadata: metadataText.optional(),
  display_name: text.optional(),
  asset_folder: text.optional(),
});

/**
 * Renews the generation of an existing asset, also without `invalidate`, changes its facts, and makes derivatives again. A
 * transformation that cannot be read fails alone: to free a failing URL, users often send the transformation of that URL.
 */
export async function explicit(call: AssetCall, context: ApiContext): Promise<ExplicitResponse> {
  const input = readInput(explicitInput, call.fields);
  const eager = readEager(input.eager ?? [], context);
  const asset = { resourceType: call.resourceType, publicId: checkedPublicId(input.public_id) };
  const original = await changedOriginal(asset, input, context);
  await context.changes.confirm([asset], 'The asset was found');
  if (original === undefined) throw notFound(`Resource not found - ${asset.publicId}`);
  const readable = eager.filter(isReadable);
  const options = { isAsync: input.eager_async, context, settings: call.settings };
  const made = [...((await eagerResponse(original, readable, options)).eager ?? [])];
  const responses = eager.map((read) =>
    isReadable(read) ? (made.shift() as EagerDerivative) : unreadableResponse(read),
  );
  return { ...describeAsset(original, call.settings), ...(responses.length === 0 ? {} : { eager: responses }) };
}

function changedOriginal(
  asset: AssetId,
  input: ExplicitInput,
  { originals, changes }: ApiContext,
): Promise<Original | undefined> {
  const hasFacts = [input.tags, input.context, input.metadata, input.display_name, input.asset_folder].some(
    (fact) => fact !== undefined,
  );
  if (!hasFacts) return originals.find(asset);
  return changes.inTurn(asset, () => originals.changeFacts(asset, (known) => newFacts(known, input)));
}
