import type { OriginalRecord } from '@safelight/core';
import { entryNumber, folderOf, UnreadableEntryError } from './asset-entry.ts';
import type { AssetLog } from './asset-log.ts';
import { versionOf } from './asset-state.ts';
import type { Bucket } from './bucket.ts';

/** How many entries are read at the same time. */
const readsAtOnce = 16;

/**
 * The current version of each asset. It costs one LIST for about 150 assets with four versions, and one GET for each asset.
 * An asset is left out when its newest entry is damaged, or was written by a newer release.
 */
export async function* listAssets(bucket: Bucket, log: AssetLog): AsyncGenerator<OriginalRecord> {
  let lastFolder: string | undefined;
  for await (const page of bucket.pages('a/')) {
    const newest: { readonly folder: string; readonly key: string }[] = [];
    for (const { key } of page) {
      const folder = folderOf(key);
      // The first entry of a folder is its newest one.
      if (folder === undefined || folder === lastFolder || entryNumber(key) === undefined) continue;
      lastFolder = folder;
      newest.push({ folder, key });
    }
    for (let at = 0; at < newest.length; at += readsAtOnce) {
      const reads = newest.slice(at, at + readsAtOnce).map(({ folder, key }) => currentIn(log, folder, key));
      for (const record of await Promise.all(reads)) if (record !== undefined) yield record;
    }
  }
}

async function currentIn(log: AssetLog, folder: string, key: string): Promise<OriginalRecord | undefined> {
  try {
    const entry = await log.readFolder(folder, key);
    return entry && versionOf(entry.state)?.record;
  } catch (error) {
    if (error instanceof UnreadableEntryError) return undefined;
    throw error;
  }
}
