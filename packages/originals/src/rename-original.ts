import type { OriginalRecord } from '@safelight/core';
import { type AssetFolder, bytesPath, findVersion } from './asset-folder.ts';
import { isSystemError } from './durable-file.ts';
import { type PublishOptions, publishGone, publishUpload, type UploadName } from './publish-record.ts';
import { chooseVersion, type KnownVersions } from './version-records.ts';

export interface RenameOptions extends PublishOptions {
  readonly overwrite: boolean;
}

/**
 * Publishes the current version of `from` under the ID of `to`, then "gone" under its own, so that it is never absent under
 * both. An upload to `from` that comes in between is moved as well: what was acknowledged must not vanish.
 *
 * Without `overwrite`, a first upload to `to` at the same moment may still end up as its older version.
 */
export async function renameOriginal(
  from: AssetFolder,
  to: AssetFolder,
  options: RenameOptions,
): Promise<OriginalRecord | undefined | 'taken'> {
  let moved: OriginalRecord | undefined;
  for (;;) {
    const current = await findVersion(from);
    if (current === undefined) return moved;
    if (from.path === to.path) return options.overwrite ? current : 'taken';
    const response = await publishUnder(to, from, current, options);
    if (response === 'taken') return response;
    if (response === 'changed') continue;
    moved = response;
    if (await publishGone(from, ({ versionId }) => versionId === current.versionId, options)) return moved;
  }
}

async function publishUnder(
  to: AssetFolder,
  from: AssetFolder,
  current: OriginalRecord,
  options: RenameOptions,
): Promise<OriginalRecord | 'taken' | 'changed'> {
  const { resourceType, publicId } = to.asset;
  const describe = (known: KnownVersions, name: UploadName): OriginalRecord | undefined => {
    const there = chooseVersion(known.records);
    // The same asset ID: it is what this rename itself has published, before it found a newer upload to move.
    const isFree = there === undefined || there.assetId === current.assetId || options.overwrite;
    return isFree ? { ...current, ...name, resourceType, publicId, assetId: current.assetId } : undefined;
  };
  try {
    return (await publishUpload(to, bytesPath(from, current.versionId), describe, options)) ?? 'taken';
  } catch (error) {
    // The bytes went between finding and linking them: destroyed or followed by uploads in the meantime.
    if (isSystemError(error, 'ENOENT')) return 'changed';
    throw error;
  }
}
