import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetId, OriginalRecord } from '@safelight/core';
import { type AssetFolder, assetFolder, listNames, recordPath, versionsIn } from './asset-folder.ts';
import { isSystemError, readPlainFile } from './durable-file.ts';
import { findVersion } from './find-version.ts';
import { isForeign, parseSealed, UnknownSchemaError } from './version-records.ts';

/**
 * Walks through the folders of all assets, one after the other, and reads the current version of each. Only the names of a
 * few folders are in memory. An asset that is damaged, or that a newer release has written, is left out.
 *
 * @throws {Error} of the disk that says nothing about an asset (EMFILE, EIO): the list would not be complete
 */
export async function* listOriginals(root: string): AsyncGenerator<OriginalRecord> {
  const assets = join(root, 'assets');
  for await (const shard of foldersIn(assets, /^[0-9a-f]{2}$/)) {
    for await (const name of foldersIn(join(assets, shard), /^[0-9a-f]{62}$/)) {
      const record = await currentIn({ root, path: join(assets, shard, name) });
      if (record !== undefined) yield record;
    }
  }
}

async function* foldersIn(path: string, pattern: RegExp): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(path)) {
      if (entry.isDirectory() && pattern.test(entry.name)) yield entry.name;
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
}

async function currentIn(place: Pick<AssetFolder, 'root' | 'path'>): Promise<OriginalRecord | undefined> {
  try {
    for (const version of versionsIn(await listNames(place))) {
      const asset = await readAssetId(recordPath(place, version));
      if (asset === undefined) continue;
      const folder = assetFolder(place.root, asset);
      if (folder.path === place.path) return (await findVersion(folder))?.record;
    }
    return undefined;
  } catch (error) {
    if (error instanceof UnknownSchemaError) return undefined;
    throw error;
  }
}

/** The asset ID in a record. It is `undefined` when the record is damaged, was removed, or has another schema. */
async function readAssetId(path: string): Promise<AssetId | undefined> {
  try {
    const record = parseSealed((await readPlainFile(path)).toString('utf8'));
    if (record === undefined || isForeign(record)) return undefined;
    const { resourceType, publicId } = record as Partial<AssetId>;
    return resourceType === undefined || publicId === undefined ? undefined : { resourceType, publicId };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ELOOP', 'EISDIR')) return undefined;
    throw error;
  }
}
