import type { AssetId } from '@safelight/core';
import type { DeletedResponse } from '@safelight/protocol';
import type { AdminCall } from './operation.ts';

export interface DeleteOptions {
  /** Whether only the derivatives are deleted. @default false */
  readonly keep_original?: boolean | undefined;
}

/**
 * Deletes assets, one after the other. Each is confirmed before the next: if one fails, those before it are deleted, and the
 * call can be repeated.
 *
 * @param named - the assets, each with its name in the response; `undefined` for one that is not known
 * @throws {ApiError} 503 when a deletion cannot be confirmed
 */
export async function deleteAssets(
  named: readonly (readonly [string, AssetId | undefined])[],
  options: DeleteOptions,
  call: AdminCall,
): Promise<Pick<DeletedResponse, 'deleted' | 'deleted_counts'>> {
  const deleted: Record<string, 'deleted' | 'not_found'> = {};
  const counts: Record<string, { readonly original: number; readonly derived: number }> = {};
  for (const [name, asset] of named) {
    const isDeleted = asset !== undefined && (await deleteOne(asset, options, call));
    deleted[name] = isDeleted ? 'deleted' : 'not_found';
    counts[name] = { original: isDeleted && !options.keep_original ? 1 : 0, derived: 0 };
  }
  return { deleted, deleted_counts: counts };
}

async function deleteOne(
  asset: AssetId,
  { keep_original: keepsOriginal = false }: DeleteOptions,
  { context: { originals, changes, index } }: AdminCall,
): Promise<boolean> {
  const exists = keepsOriginal
    ? (await originals.find(asset)) !== undefined
    : await changes.inTurn(asset, () => originals.destroy(asset));
  // Also when it does not exist: an earlier call may have deleted it without confirming that.
  await changes.confirm([asset], keepsOriginal ? 'The asset was found' : 'The asset is deleted');
  if (keepsOriginal) await index?.removeDerivedOf(asset);
  return exists;
}
