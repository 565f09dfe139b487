import { bytesIdIn, bytesKey, entryNumber } from './asset-entry.ts';
import type { AssetState } from './asset-state.ts';
import type { Bucket, ListedObject } from './bucket.ts';

export interface AssetChange {
  readonly folder: string;
  /** The number of the entry that made the change. */
  readonly number: number;
  /** The objects of the asset after the change. */
  readonly listed: readonly ListedObject[];
  readonly before: AssetState;
  readonly after: AssetState;
}

/** Bytes without a version that are older than this were left by a killed process. */
const leftoverAgeMs = 24 * 60 * 60 * 1000;

/**
 * Removes what a change has made superfluous. Never rejects: objects that stay are removed after a later change.
 */
export async function cleanUpAsset(bucket: Bucket, change: AssetChange): Promise<void> {
  await Promise.allSettled(superfluousKeys(change).map((key) => bucket.remove(key)));
}

/**
 * The keys to remove: the bytes of the versions that the change dropped, which no later change can use; and, if no later
 * change was listed, bytes that a killed process has left, and all entries but the newest two. The one before the newest
 * stays for processes that have just listed it. The age of bytes is their distance from the newest entry, by the clock of
 * the server.
 */
export function superfluousKeys({ folder, number, listed, before, after }: AssetChange): readonly string[] {
  const used = new Set(after.versions.map(({ bytesId }) => bytesId));
  const dropped = before.versions.filter(({ bytesId }) => !used.has(bytesId));
  const keys = new Set(dropped.map(({ bytesId }) => bytesKey(folder, bytesId)));
  const [newest, ...older] = listed.filter(({ key }) => entryNumber(key) !== undefined);
  if (newest === undefined || entryNumber(newest.key) !== number) return [...keys];
  for (const { key } of older.slice(1)) keys.add(key);
  for (const { key, changedAt } of listed) {
    const bytesId = bytesIdIn(key);
    if (bytesId !== undefined && !used.has(bytesId) && newest.changedAt - changedAt > leftoverAgeMs) keys.add(key);
  }
  return [...keys];
}
