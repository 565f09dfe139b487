import { isDeepStrictEqual } from 'node:util';
import type { AssetId } from '@safelight/core';
import { assetFolder, bytesKey } from './asset-entry.ts';
import type { AssetLog } from './asset-log.ts';
import {
  type AssetState,
  newId,
  nextVersion,
  type StoredVersion,
  versionOf,
  withoutVersions,
  withVersion,
} from './asset-state.ts';
import type { Bucket } from './bucket.ts';

export interface RenameOptions {
  readonly bucket: Bucket;
  readonly log: AssetLog;
  readonly maxVersions: number;
  readonly clock: () => number;
  readonly overwrite: boolean;
}

/** The largest object that one request can copy. */
const maxCopyBytes = 5 * 1024 ** 3;
const maxAttempts = 20;

/**
 * Publishes the current version of `from` under the ID `to`, with a copy of its bytes, and then "gone" under its own ID, so
 * that at each moment at least one of both has it. An upload to `from` or a change of facts in between is also moved.
 *
 * @returns the new version; `undefined` when `from` does not exist; `'taken'` when `to` exists and `overwrite` is `false`
 */
export async function renameAsset(
  from: AssetId,
  to: AssetId,
  options: RenameOptions,
): Promise<StoredVersion | undefined | 'taken'> {
  const { log, overwrite } = options;
  let moved: StoredVersion | undefined;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const current = versionOf((await log.read(from)).state);
    // A version with another asset ID belongs to an upload after the asset was destroyed meanwhile.
    if (current === undefined || (moved && moved.record.assetId !== current.record.assetId)) return moved;
    if (assetFolder(from) === assetFolder(to)) return overwrite ? current : 'taken';
    const published = await publishCopy(from, to, { ...options, current });
    if (published === 'taken') return published;
    if (published === 'changed') continue;
    moved = published;
    const gone = await log.change(from, (state) => {
      return isDeepStrictEqual(versionOf(state), current) ? withoutVersions(state) : undefined;
    });
    if (gone !== undefined) return moved;
  }
  throw new Error(
    `"${from.publicId}" changed ${maxAttempts} times while it was renamed, or its bytes are missing. Try again.`,
  );
}

/** @returns `'changed'` when the bytes were removed meanwhile */
async function publishCopy(
  from: AssetId,
  to: AssetId,
  { bucket, log, maxVersions, clock, overwrite, current }: RenameOptions & { readonly current: StoredVersion },
): Promise<StoredVersion | 'taken' | 'changed'> {
  const { assetId, bytes } = current.record;
  // With the same asset ID, this rename published it itself, before it found a newer change to move.
  const isFree = (state: AssetState): boolean =>
    overwrite || state.versions.length === 0 || versionOf(state)?.record.assetId === assetId;
  if (!isFree((await log.read(to)).state)) return 'taken';
  if (bytes > maxCopyBytes) {
    throw new Error(`"${from.publicId}" has ${bytes} bytes. Only originals of at most ${maxCopyBytes} can be renamed.`);
  }
  const bytesId = newId();
  const source = bytesKey(assetFolder(from), current.bytesId);
  const copied = bytesKey(assetFolder(to), bytesId);
  if (!(await bucket.copy(source, copied))) return 'changed';
  let published: StoredVersion | undefined;
  const changed = await log.change(to, (state) => {
    if (!isFree(state)) return undefined;
    const { resourceType, publicId } = to;
    const version = nextVersion(state, clock());
    published = { bytesId, record: { ...current.record, resourceType, publicId, version, versionId: newId() } };
    return withVersion(state, published, maxVersions);
  });
  if (changed !== undefined && published !== undefined) return published;
  await bucket.remove(copied);
  return 'taken';
}
