import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
import { linkExclusively, removeLeftover, syncDirectory, writeDurably } from './durable-file.ts';
import { claimFolder } from './folder-schema.ts';
import {
  assetIdOf,
  chooseVersion,
  floorAfterUpload,
  floorOf,
  formatRecord,
  type KnownVersions,
  type VersionRecord,
  versionOfUpload,
} from './version-records.ts';

export interface PublishOptions {
  /** Where temporary objects lie: in the same file system as the folder. Created when it is not there. */
  readonly temporary: string;
  readonly maxVersions: number;
  readonly clock: () => number;
}

/** What an upload will be called; the describer adds the rest, and another asset ID where it brings one. */
export type UploadName = Pick<OriginalRecord, 'version' | 'versionId' | 'assetId'>;

/**
 * Publishes the bytes at `sourcePath`, which stay there, as a new version: visible and durable when this resolves.
 * @param describe called with what is there, again after each lost race; `undefined` gives up
 */
export async function publishUpload<Described extends OriginalRecord | undefined>(
  folder: AssetFolder,
  sourcePath: string,
  describe: (known: KnownVersions, name: UploadName) => Described,
  { temporary, maxVersions, clock }: PublishOptions,
): Promise<Described> {
  let highestTaken = 0;
  for (;;) {
    const known = await readVersions(folder, { scope: 'all' });
    const version = versionOfUpload(clock(), Math.max(known.highest, highestTaken));
    const versionId = randomUUID().replaceAll('-', '');
    const assetId = assetIdOf(known.records, folder.asset);
    const floor = floorAfterUpload(known.records, { version, maxVersions });
    const original = describe(known, { version, versionId, assetId });
    if (original === undefined) return original;
    const ownBytes = bytesPath(folder, versionId);
    const ownRecord = recordPath(folder, version);
    await makeFolder(folder, known);
    await linkExclusively(sourcePath, ownBytes);
    try {
      const record = { ...identityOf(original), version, floor, original };
      if (!(await createRecord(ownRecord, record, { root: folder.root, temporary }))) {
        highestTaken = version;
        await removeLeftover(ownBytes);
        continue;
      }
    } catch (error) {
      await removeLeftover(ownBytes);
      throw error;
    }
    // One fsync for both names: should only the record's survive a power cut, it is as if absent without its bytes.
    await syncDirectory(folder.path);
    // Only newer uploads can have raised the floor above this number: the floor of a record is never above its own number.
    const after = await readVersions(folder, { scope: version + 1 });
    if (after.highest <= version || version >= floorOf(after.records)) {
      // Two names are this upload's own. What comes after this listing is removed by the uploads that bring it.
      if (after.names.length > 2) await removeOldVersions(folder, after.names, clock());
      return original;
    }
    // This process stalled until newer uploads had raised the floor above this number. It is not visible: take a newer one.
    await removeLeftover(ownRecord);
    await removeLeftover(ownBytes);
  }
}

/**
 * Publishes "gone" right above what is there, so that it hides exactly what it saw: an upload that comes in between takes
 * that number or a higher one, and stays.
 * @param isToGo called with the current version, again after each lost race; `false` gives up
 * @returns whether it was published
 */
export async function publishGone(
  folder: AssetFolder,
  isToGo: (current: OriginalRecord) => boolean,
  { temporary, clock }: PublishOptions,
): Promise<boolean> {
  let highestTaken = 0;
  for (;;) {
    const known = await readVersions(folder, { scope: 'all' });
    const current = chooseVersion(known.records);
    if (current === undefined) {
      // Removes what a writer that died after its "gone" did not remove.
      await removeOldVersions(folder, await listNames(folder), clock());
      return false;
    }
    if (!isToGo(current)) return false;
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

/**
 * Complete and durable under a temporary name first, so that the final name never shows half a record; and in a folder that
 * says which schema the record has.
 */
async function createRecord(
  path: string,
  record: VersionRecord,
  { root, temporary }: { readonly root: string; readonly temporary: string },
): Promise<boolean> {
  await mkdir(temporary, { recursive: true });
  await claimFolder(root, temporary);
  const text = formatRecord(record);
  const written = join(temporary, `${randomUUID()}-${basename(path)}`);
  try {
    await writeDurably(written, text);
    return await linkExclusively(written, path);
  } finally {
    await removeLeftover(written);
  }
}

function identityOf({ resourceType, publicId }: AssetFolder['asset']): AssetFolder['asset'] {
  return { resourceType, publicId };
}
