import type { OriginalRecord } from '@safelight/core';
import { type AssetFolder, bytesPath } from './asset-folder.ts';
import { isSystemError } from './durable-file.ts';
import { type FoundVersion, findVersion } from './find-version.ts';
import { whileMoving } from './moving-mark.ts';
import { type PublishOptions, publishUpload, type UploadIds } from './publish-record.ts';
import { chooseVersion, type KnownVersions } from './version-records.ts';

interface RepublishOptions extends PublishOptions {
  /** Whether the version that was read again is still the one to publish. @default true */
  readonly stillThere?: (found: FoundVersion) => boolean;
}

/**
 * Publishes the current version again, with its facts in the new record.
 *
 * @returns `undefined` when it is not the current version any more, or `stillThere` returned `false`
 */
export function republishVersion(
  folder: AssetFolder,
  { versionId }: OriginalRecord,
  { stillThere = () => true, ...options }: RepublishOptions,
): Promise<OriginalRecord | undefined> {
  return publishNext(folder, versionId, {
    ...options,
    find: async () => {
      const found = await findVersion(folder);
      return found?.record.versionId === versionId && stillThere(found) ? found.record : undefined;
    },
    recordOf: ({ records }, ids, record) => {
      if (chooseVersion(records)?.versionId !== versionId) return undefined;
      return { ...record, version: ids.version, versionId: ids.versionId };
    },
  });
}

/**
 * Publishes the bytes and facts of a version as a new one.
 *
 * @returns `undefined` when the asset does not exist, or the version cannot be delivered
 */
export async function restoreVersion(
  folder: AssetFolder,
  version: number,
  options: PublishOptions,
): Promise<OriginalRecord | undefined> {
  const older = (await findVersion(folder, version))?.record;
  if (older === undefined) return undefined;
  const createdAt = options.clock();
  return publishNext(folder, older.versionId, {
    ...options,
    find: async () => (await findVersion(folder, version))?.record,
    recordOf: ({ records }, ids, record) => {
      return chooseVersion(records, version) === undefined ? undefined : { ...record, ...ids, createdAt };
    },
  });
}

interface NextOptions extends PublishOptions {
  /** Reads the version, after it was marked. */
  readonly find: () => Promise<OriginalRecord | undefined>;
  readonly recordOf: (known: KnownVersions, ids: UploadIds, record: OriginalRecord) => OriginalRecord | undefined;
}

async function publishNext(
  folder: AssetFolder,
  versionId: string,
  { find, recordOf, ...options }: NextOptions,
): Promise<OriginalRecord | undefined> {
  const published = await whileMoving(folder.path, versionId, async () => {
    const record = await find();
    if (record === undefined) return undefined;
    // Exactly the next number, not the time. So a destroy cannot take a lower one, and an upload that is published meanwhile
    // has a higher one, or this number, and stays current.
    const clock = (): number => 0;
    try {
      return await publishUpload(folder, bytesPath(folder, versionId), (known, ids) => recordOf(known, ids, record), {
        ...options,
        clock,
      });
    } catch (error) {
      // The bytes were removed before they were linked.
      if (isSystemError(error, 'ENOENT')) return undefined;
      throw error;
    }
  });
  return published === 'changed' ? undefined : published;
}
