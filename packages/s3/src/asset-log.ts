import type { AssetId } from '@safelight/core';
import { LRUCache } from 'lru-cache';
import { type AssetEntry, assetFolder, entryKey, entryNumber, formatEntry, maxIds, parseEntry } from './asset-entry.ts';
import { type AssetState, emptyState, newId } from './asset-state.ts';
import type { Bucket, ListedObject } from './bucket.ts';
import { cleanUpAsset } from './clean-up-asset.ts';
import { allObjects } from './list-objects.ts';

/**
 * The log of each asset: entries with increasing numbers, each with the complete state. A change creates the entry after the
 * one that it has read, exclusively. So all changes of an asset are made one after the other, and none is lost.
 */
export interface AssetLog {
  /** The newest entry. It costs one LIST, and one GET if this process has not read the entry before. */
  read(asset: AssetId): Promise<AssetEntry>;
  /** The newest entry in a folder; `undefined` without an entry. The caller may have listed the key of the newest one. */
  readFolder(folder: string, listedKey?: string): Promise<AssetEntry | undefined>;
  /**
   * Makes a change. It is part of the log when this resolves.
   * @param next - returns the next state; it is called again after each lost race. `undefined`: nothing is changed
   * @returns what `next` has returned last
   * @throws {NoResponseError} when it is not known whether the change was made
   */
  change(asset: AssetId, next: (state: AssetState) => AssetState | undefined): Promise<AssetState | undefined>;
}

/** The text of the entries in memory. */
const memoryBytes = 16 * 1024 ** 2;
/** Each further read means that two changes were made since the listing. */
const maxReads = 50;

export function createAssetLog(bucket: Bucket): AssetLog {
  // Entries are immutable, so they stay valid.
  const known = new LRUCache<string, AssetEntry>({ maxSize: memoryBytes });

  /** The entry under a key of a listing; `undefined` when it was removed, which means that a newer one exists. */
  async function readKey(key: string): Promise<AssetEntry | undefined> {
    const held = known.get(key);
    if (held !== undefined) return held;
    const found = await bucket.read(key);
    if (found === undefined) return undefined;
    const entry = parseEntry(found.body, key);
    known.set(key, entry, { size: found.body.length });
    return entry;
  }

  async function readFolder(folder: string, listedKey?: string): Promise<AssetEntry | undefined> {
    let key = listedKey ?? (await newestKey(folder));
    for (let reads = 0; reads < maxReads; reads += 1) {
      if (key === undefined) return undefined;
      const entry = await readKey(key);
      if (entry !== undefined) return entry;
      key = await newestKey(folder);
    }
    throw new Error(`${folder} lists entries that cannot be read, ${maxReads} times.`);
  }

  async function newestKey(folder: string): Promise<string | undefined> {
    return (await bucket.list(`${folder}v/`, 1))[0]?.key;
  }

  const read: AssetLog['read'] = async (asset) => {
    return (await readFolder(assetFolder(asset))) ?? { number: 0, ids: [], state: emptyState(asset) };
  };

  const change: AssetLog['change'] = async (asset, next) => {
    const folder = assetFolder(asset);
    for (;;) {
      const before = await read(asset);
      const state = next(before.state);
      if (state === undefined) return undefined;
      const number = before.number + 1;
      const entry: AssetEntry = { number, ids: [newId(), ...before.ids].slice(0, maxIds), state };
      const outcome = await bucket.create(entryKey(folder, number), formatEntry(entry));
      if (outcome === 'taken') continue;
      const listed = await allObjects(bucket, folder);
      if (await isInLog(entry, folder, listed)) {
        await cleanUpAsset(bucket, { folder, number, listed, before: before.state, after: state });
        return state;
      }
      // This process stalled while others created this number and later ones, and removed it again.
      if (outcome === 'created') await bucket.remove(entryKey(folder, number));
    }
  };

  /** Whether an entry is the newest one, or one of those before it. */
  async function isInLog(own: AssetEntry, folder: string, listed: readonly ListedObject[]): Promise<boolean> {
    const listedKey = listed.find(({ key }) => entryNumber(key) !== undefined)?.key;
    const newest = await readFolder(folder, listedKey);
    if (newest?.ids.includes(own.ids[0] ?? '')) return true;
    if (newest !== undefined && newest.number - own.number < maxIds) return false;
    throw new Error(
      `${maxIds} or more changes were made to "${own.state.publicId}" during one change: its outcome is not known. Try again.`,
    );
  }

  return { read, readFolder, change };
}
