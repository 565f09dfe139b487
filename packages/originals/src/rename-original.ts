import type { OriginalRecord } from '@safelight/core';
import { type AssetFolder, bytesPath } from './asset-folder.ts';
import { isSystemError } from './durable-file.ts';
import { findVersion } from './find-version.ts';
import { whileMoving } from './moving-mark.ts';
import { type PublishOptions, publishGone, publishUpload, type UploadIds } from './publish-record.ts';
import { chooseVersion, type KnownVersions } from './version-records.ts';

export interface RenameOptions extends PublishOptions {
  readonly overwrite: boolean;
}

/**
 * Publishes the current version of `from` under the ID of `to`, and then "gone" under its own ID, so that at each moment at
 * least one of both has it. An upload to `from` in between is also moved: an acknowledged upload must not vanish. The same
 * is true for a change of facts.
 *
 * Without `overwrite`, a first upload to `to` at the same moment can still become an older version of the moved original.
 * @returns the new record; `undefined` when `from` does not exist; `'taken'` when `to` exists and `overwrite` is `false`
 */
export async function renameOriginal(
  from: AssetFolder,
  to: AssetFolder,
  options: RenameOptions,
): Promise<OriginalRecord | undefined | 'taken'> {
  let moved: OriginalRecord | undefined;
  for (;;) {
    const current = (await findVersion(from))?.record;
    if (current === undefined) return moved;
    if (from.path === to.path) return options.overwrite ? current : 'taken';
    const { versionId } = current;
    const result = await whileMoving(from.path, versionId, () => moveVersion(from, to, { ...options, versionId }));
    if (result === 'taken') return result;
    if (result === 'changed') continue;
    if (result.isGone) return result.moved;
    moved = result.moved;
  }
}

/** @returns `isGone`: `from` has no other version. `'changed'`: the version is not the current one any more */
async function moveVersion(
  from: AssetFolder,
  to: AssetFolder,
  options: RenameOptions & { readonly versionId: string },
): Promise<{ readonly moved: OriginalRecord; readonly isGone: boolean } | 'taken' | 'changed'> {
  // Read again, since a change of facts may have been confirmed before the mark was there.
  const current = (await findVersion(from))?.record;
  if (current?.versionId !== options.versionId) return 'changed';
  const moved = await publishUnder(to, from, current, options);
  if (moved === 'taken' || moved === 'changed') return moved;
  const isGone = await publishGone(from, ({ versionId }) => versionId === current.versionId, options);
  return { moved, isGone };
}

async function publishUnder(
  to: AssetFolder,
  from: AssetFolder,
  current: OriginalRecord,
  options: RenameOptions,
): Promise<OriginalRecord | 'taken' | 'changed'> {
  const { resourceType, publicId } = to.asset;
  const recordOf = (known: KnownVersions, ids: UploadIds): OriginalRecord | undefined => {
    const existing = chooseVersion(known.records);
    // With the same asset ID, this rename published it itself, before it found a newer upload to move.
    const isFree = existing === undefined || existing.assetId === current.assetId || options.overwrite;
    return isFree ? { ...current, ...ids, resourceType, publicId, assetId: current.assetId } : undefined;
  };
  try {
    return (await publishUpload(to, bytesPath(from, current.versionId), recordOf, options)) ?? 'taken';
  } catch (error) {
    // The bytes were removed before they were linked: the asset was destroyed, or newer uploads have replaced them.
    if (isSystemError(error, 'ENOENT')) return 'changed';
    throw error;
  }
}
