import { randomUUID } from 'node:crypto';
import type { OriginalRecord } from '@safelight/core';
import {
  type AssetFolder,
  bytesPath,
  listNames,
  makeFolder,
  readVersions,
  recordPath,
  removeOldVersions,
} from './asset-folder.ts';
import { createRecord } from './create-record.ts';
import { linkExclusively, removeLeftover, syncDirectory } from './durable-file.ts';
import {
  assetIdOf,
  chooseVersion,
  floorAfterUpload,
  floorOf,
  type KnownVersions,
  type VersionRecord,
  versionOfUpload,
} from './version-records.ts';

export interface PublishOptions {
  /** The folder for temporary files, in the same file system as the assets. It is created when it is missing. */
  readonly temporary: string;
  readonly maxVersions: number;
  readonly clock: () => number;
}

/** The IDs of an upload. `recordOf` adds the rest, and may replace the asset ID. */
export type UploadIds = Pick<OriginalRecord, 'version' | 'versionId' | 'assetId'>;

/**
 * Publishes the bytes at `sourcePath` as a new version, which is visible and durable when this resolves. The file at
 * `sourcePath` stays.
 * @param recordOf - makes the record; it is called again after each lost race. `undefined`: nothing is published
 */
export async function publishUpload<Result extends OriginalRecord | undefined>(
  folder: AssetFolder,
  sourcePath: string,
  recordOf: (known: KnownVersions, ids: UploadIds) => Result,
  { temporary, maxVersions, clock }: PublishOptions,
): Promise<Result> {
  let highestTaken = 0;
  for (;;) {
    const known = await readVersions(folder, { scope: 'all' });
    const { original, ...next } = nextUpload(folder, known, { recordOf, maxVersions, clock, highestTaken });
    if (original === undefined) return original;
    const { version } = next;
    const ownBytes = bytesPath(folder, original.versionId);
    const ownRecord = recordPath(folder, version);
    await makeFolder(folder, known);
    await linkExclusively(sourcePath, ownBytes);
    try {
      if (!(await createRecord(ownRecord, { ...next, original }, { root: folder.root, temporary }))) {
        highestTaken = version;
        await removeLeftover(ownBytes);
        continue;
      }
    } catch (error) {
      await removeLeftover(ownBytes);
      throw error;
    }
    // One fsync for both names. If only the record survives a power cut, it counts as absent without its bytes.
    await syncDirectory(folder.path);
    // Only newer records can raise the floor above this number: a floor is never above the number of its record.
    const after = await readVersions(folder, { scope: version + 1 });
    if (after.highest <= version || version >= floorOf(after.records)) {
      await removeReplaced(folder, after.names, { ownNames: 2, clock });
      return original;
    }
    // This process stalled until newer records raised the floor above this number. The version is not visible: try again.
    await removeLeftover(ownRecord);
    await removeLeftover(ownBytes);
  }
}

interface NextUploadOptions<Result> extends Pick<PublishOptions, 'maxVersions' | 'clock'> {
  readonly recordOf: (known: KnownVersions, ids: UploadIds) => Result;
  /** A number that another upload has taken; 0: none. */
  readonly highestTaken: number;
}

/** Chooses the number and the IDs of an upload, and makes its record. */
export function nextUpload<Result extends OriginalRecord | undefined>(
  { asset }: AssetFolder,
  known: KnownVersions,
  { recordOf, highestTaken, maxVersions, clock }: NextUploadOptions<Result>,
): Omit<VersionRecord, 'original'> & { readonly original: Result } {
  const version = versionOfUpload(clock(), Math.max(known.highest, highestTaken));
  const versionId = randomUUID().replaceAll('-', '');
  const assetId = assetIdOf(known.records, asset);
  const floor = floorAfterUpload(known.records, { version, maxVersions });
  return { ...identityOf(asset), version, floor, original: recordOf(known, { version, versionId, assetId }) };
}

/**
 * Removes what an upload has replaced.
 * @param ownNames - how many of the names belong to the upload; later uploads remove them
 */
export async function removeReplaced(
  folder: AssetFolder,
  names: readonly string[],
  { ownNames, clock }: { readonly ownNames: number; readonly clock: () => number },
): Promise<void> {
  if (names.length > ownNames) await removeOldVersions(folder, names, clock());
}

/**
 * Publishes a "gone" record with the next number, so that it hides exactly the versions that it saw: an upload that is
 * published in between takes this number or a higher one, and stays visible.
 * @param shouldHide - gets the current version; it is called again after each lost race. `false`: nothing is published
 * @returns whether the record was published
 */
export async function publishGone(
  folder: AssetFolder,
  shouldHide: (current: OriginalRecord) => boolean,
  { temporary, clock }: PublishOptions,
): Promise<boolean> {
  let highestTaken = 0;
  for (;;) {
    const known = await readVersions(folder, { scope: 'all' });
    const current = chooseVersion(known.records);
    if (current === undefined) {
      // A process that was killed after it published "gone" may have left files.
      await removeOldVersions(folder, await listNames(folder), clock());
      return false;
    }
    if (!shouldHide(current)) return false;
    const version = Math.max(known.highest, highestTaken) + 1;
    const gone: VersionRecord = { ...identityOf(folder.asset), version, floor: version };
    if (await createRecord(recordPath(folder, version), gone, { root: folder.root, temporary })) {
      await syncDirectory(folder.path);
      await removeOldVersions(folder, await listNames(folder), clock());
      return true;
    }
    highestTaken = version;
  }
}

function identityOf({ resourceType, publicId }: AssetFolder['asset']): AssetFolder['asset'] {
  return { resourceType, publicId };
}
