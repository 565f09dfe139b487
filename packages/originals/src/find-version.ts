import { lstat } from 'node:fs/promises';
import type { OriginalRecord } from '@safelight/core';
import { type AssetFolder, bytesPath, readVersions } from './asset-folder.ts';
import { isSystemError } from './durable-file.ts';
import { readFacts } from './facts-files.ts';
import { type FactsRecord, withFacts } from './facts-records.ts';
import { chooseVersion } from './version-records.ts';

/** A version that can be delivered. */
export interface FoundVersion {
  /** The record with the facts of the last change. */
  readonly record: OriginalRecord;
  /** The last change; `undefined` when the facts are those of the upload. */
  readonly facts: FactsRecord | undefined;
  /** The names in the folder, listed before the records were read. */
  readonly names: readonly string[];
}

/** Finds the current original, or exactly `version`. For an asset that was never uploaded it costs one `readdir`. */
export async function findVersion(folder: AssetFolder, version?: number): Promise<FoundVersion | undefined> {
  const unusable = new Set<number>();
  for (;;) {
    const { highest, names, records } = await readVersions(folder, { scope: version ?? 'newest', unusable });
    if (highest === 0) return undefined;
    const original = chooseVersion(records, version);
    if (original === undefined) return undefined;
    if (await hasBytes(folder, original)) {
      const found = await readFound(folder, names, original);
      if (found !== 'vanished') return found;
    } else {
      // The bytes are damaged, or were removed after the record was read: then there is a newer version.
      unusable.add(original.version);
    }
  }
}

/** The versions that can be delivered, newest first. */
export async function findVersions(folder: AssetFolder): Promise<readonly FoundVersion[]> {
  listing: for (;;) {
    const { names, records } = await readVersions(folder, { scope: 'all' });
    const found: FoundVersion[] = [];
    for (const { version } of records) {
      const original = chooseVersion(records, version);
      if (original === undefined || !(await hasBytes(folder, original))) continue;
      const one = await readFound(folder, names, original);
      if (one === 'vanished') continue listing;
      found.push(one);
    }
    return found;
  }
}

async function readFound(
  { path }: AssetFolder,
  names: readonly string[],
  original: OriginalRecord,
): Promise<FoundVersion | 'vanished'> {
  const facts = await readFacts(path, names, original.versionId);
  if (facts === 'vanished') return facts;
  return { record: facts === undefined ? original : withFacts(original, facts.facts), facts, names };
}

async function hasBytes(folder: AssetFolder, original: OriginalRecord): Promise<boolean> {
  try {
    const stats = await lstat(bytesPath(folder, original.versionId));
    return stats.isFile() && stats.size === original.bytes;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}
