import type { AssetFacts } from '@safelight/core';
import { badRequest } from './api-error.ts';
import { maxMetadataLength, readMetadata } from './context-pairs.ts';

/** The facts that a call changes. Absent ones stay. */
export interface AssetFactsInput {
  readonly tags?: readonly string[] | undefined;
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: string | undefined;
  readonly display_name?: string | undefined;
  readonly asset_folder?: string | undefined;
}

/** The tags and the context that were sent replace what was known, and the metadata is added to it. The rest stays. */
export function newFacts(known: AssetFacts, sent: AssetFactsInput): AssetFacts {
  return {
    ...known,
    ...(sent.tags === undefined ? {} : { tags: sent.tags }),
    ...(sent.context === undefined ? {} : { context: sent.context }),
    ...(sent.metadata === undefined ? {} : { metadata: mergedMetadata(known.metadata, sent.metadata) }),
    ...(sent.display_name === undefined ? {} : { displayName: sent.display_name }),
    ...(sent.asset_folder === undefined ? {} : { assetFolder: sent.asset_folder }),
  };
}

/**
 * Sets fields of metadata; the other fields stay. A field that is `null` or has an empty text is removed.
 *
 * @throws {ApiError} 400 when the asset would have too much
 */
export function mergedMetadata(known: string | undefined, sent: string): string {
  const fields = { ...readMetadata(known ?? ''), ...readMetadata(sent) };
  const merged = JSON.stringify(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== '')),
  );
  if (merged.length <= maxMetadataLength) return merged;
  throw badRequest(`Too much metadata. An asset has at most ${maxMetadataLength} characters of it.`);
}

const maxTags = 1_000;
const maxPairs = 1_000;

/** @throws {ApiError} 400 when the asset would have too many */
export function boundedTags(tags: readonly string[]): readonly string[] {
  if (tags.length <= maxTags) return tags;
  throw badRequest(`Too many tags. An asset has at most ${maxTags}.`);
}

/**
 * Adds pairs to a context. A key with an empty value is removed.
 *
 * @throws {ApiError} 400 when the asset would have too many
 */
export function mergedContext(
  known: Readonly<Record<string, string>> = {},
  sent: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const pairs = Object.entries({ ...known, ...sent }).filter(([, value]) => value !== '');
  if (pairs.length <= maxPairs) return Object.fromEntries(pairs);
  throw badRequest(`Too many pairs of context. An asset has at most ${maxPairs}.`);
}
