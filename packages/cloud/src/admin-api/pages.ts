import type { AssetIndex, OriginalRecord } from '@safelight/core';
import { ApiError, badRequest } from '../upload-api/api-error.ts';
import type { ApiContext } from '../upload-api/upload-api-options.ts';

/** @throws {ApiError} 400 when the cloud has no index */
export function indexOf({ index }: ApiContext): AssetIndex {
  if (index !== undefined) return index;
  throw badRequest(
    'Lists and searches are not offered here: this cloud has no index of its assets. Give cloud() the option index, or start safelight serve with --index embedded. Calls with a public ID work.',
  );
}

/**
 * Reads a page. An index that is being built has a part of the assets.
 *
 * @throws {ApiError} 503 while the index is being built, 400 when the cursor is not from an earlier page
 */
export async function pageOf<Page>(index: AssetIndex, read: (index: AssetIndex) => Promise<Page>): Promise<Page> {
  const { phase, assets } = await index.state();
  if (phase !== 'ready') {
    throw new ApiError(503, `The index of assets is being built, and has ${assets} so far. Repeat the call in 5 s.`, {
      'retry-after': '5',
    });
  }
  try {
    return await read(index);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badRequest(
      'Invalid value for parameter next_cursor. Send next_cursor of the page before, with the same query.',
    );
  }
}

/** The member `next_cursor` of a response. */
export function nextCursor(next: string | undefined): { readonly next_cursor?: string } {
  return next === undefined ? {} : { next_cursor: next };
}

/** The number of entries of a page without `max_results`. */
export const defaultResults = 10;

/** Finds an asset by its asset ID, as the originals know it now. @returns `undefined` when it does not exist any more */
export async function findByAssetId(assetId: string, context: ApiContext): Promise<OriginalRecord | undefined> {
  const known = await pageOf(indexOf(context), (index) => index.find(assetId));
  const current = known && (await context.originals.find(known));
  return current?.assetId === assetId ? current : undefined;
}
