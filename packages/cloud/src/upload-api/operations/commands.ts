import type { AssetFacts, AssetId } from '@safelight/core';
import type { CommandResponses } from '@safelight/protocol';
import { z } from 'zod';
import { ApiError, badRequest } from '../api-error.ts';
import type { CommandCall } from '../call.ts';
import { contextPairs } from '../context-pairs.ts';
import { boundedTags, mergedContext, newFacts } from '../facts-input.ts';
import { commaList, deliveryType, flag, metadataText, readInput } from '../input.ts';
import { checkedPublicId } from '../public-id.ts';
import { itemsOf } from '../submission.ts';
import type { ApiContext } from '../upload-api-options.ts';

/** The most assets of one command. */
const maxAssets = 1_000;

interface TagsInput {
  readonly command: 'add' | 'remove' | 'replace' | 'remove_all' | 'set_exclusive';
  readonly tag?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly type?: 'upload' | undefined;
  readonly invalidate?: boolean | undefined;
}

export const tagsInput: z.ZodType<TagsInput> = z.object({
  command: z.enum(['add', 'remove', 'replace', 'remove_all', 'set_exclusive'], {
    error: 'Expected add, remove, replace or remove_all',
  }),
  tag: commaList.optional(),
  tags: commaList.optional(),
  type: deliveryType.optional(),
  invalidate: flag.optional(),
});

interface ContextInput {
  readonly command: 'add' | 'remove_all';
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly type?: 'upload' | undefined;
  readonly invalidate?: boolean | undefined;
}

export const contextInput: z.ZodType<ContextInput> = z.object({
  command: z.enum(['add', 'remove_all'], { error: 'Expected add or remove_all' }),
  context: contextPairs.optional(),
  type: deliveryType.optional(),
  invalidate: flag.optional(),
});

interface MetadataInput {
  readonly metadata: string;
  readonly type?: 'upload' | undefined;
  readonly invalidate?: boolean | undefined;
}

export const metadataInput: z.ZodType<MetadataInput> = z.object({
  metadata: metadataText,
  type: deliveryType.optional(),
  invalidate: flag.optional(),
});

/** Adds, removes or replaces tags of several assets. */
export async function tagsCommand(call: CommandCall, context: ApiContext): Promise<CommandResponses['tags']> {
  const input = readInput(tagsInput, call.fields);
  if (input.command === 'set_exclusive') {
    throw badRequest('The command set_exclusive is not offered here. Send remove for the other assets, then add.');
  }
  const given = input.tag ?? input.tags;
  if (given === undefined && input.command !== 'remove_all') throw badRequest('Missing required parameter - tag');
  const change = tagChange(input.command, given ?? []);
  return changeAll(call, input.invalidate, context, (facts) => ({ ...facts, tags: change(facts.tags ?? []) }));
}

function tagChange(
  command: 'add' | 'remove' | 'replace' | 'remove_all',
  given: readonly string[],
): (known: readonly string[]) => readonly string[] {
  switch (command) {
    case 'add':
      return (known) => boundedTags([...new Set([...known, ...given])]);
    case 'remove':
      return (known) => known.filter((tag) => !given.includes(tag));
    case 'replace':
      return () => given;
    case 'remove_all':
      return () => [];
  }
}

/** Adds pairs to the context of several assets, or removes the context. */
export async function contextCommand(call: CommandCall, context: ApiContext): Promise<CommandResponses['context']> {
  const { command, context: pairs, invalidate } = readInput(contextInput, call.fields);
  if (pairs === undefined && command === 'add') throw badRequest('Missing required parameter - context');
  return changeAll(call, invalidate, context, (facts) =>
    command === 'add' ? { ...facts, context: mergedContext(facts.context, pairs) } : { ...facts, context: {} },
  );
}

/** Sets fields of the structured metadata of several assets. */
export async function metadataCommand(call: CommandCall, context: ApiContext): Promise<CommandResponses['metadata']> {
  const { metadata, invalidate } = readInput(metadataInput, call.fields);
  return changeAll(call, invalidate, context, (facts) => newFacts(facts, { metadata }));
}

/** @returns the public IDs of the assets that exist */
async function changeAll(
  { resourceType, fields }: CommandCall,
  invalidate: boolean | undefined,
  { originals, changes }: ApiContext,
  change: (facts: AssetFacts) => AssetFacts,
): Promise<{ readonly public_ids: readonly string[] }> {
  const publicIds = [...new Set(itemsOf(fields, 'public_ids'))].filter((publicId) => publicId !== '');
  if (publicIds.length === 0) throw badRequest('Missing required parameter - public_ids');
  if (publicIds.length > maxAssets) {
    throw new ApiError(400, `Too many public_ids. At most ${maxAssets} are accepted in one call.`);
  }
  const assets = publicIds.map((publicId): AssetId => ({ resourceType, publicId: checkedPublicId(publicId) }));
  const changed: AssetId[] = [];
  for (const asset of assets) {
    const original = await changes.inTurn(asset, () => originals.changeFacts(asset, change));
    if (original !== undefined) changed.push(asset);
  }
  if (invalidate) await changes.confirm(changed, 'The assets are changed');
  return { public_ids: changed.map(({ publicId }) => publicId) };
}
