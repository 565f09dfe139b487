import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { AssetId, OriginalRecord } from '@safelight/core';
import { isSystemError, readPlainFile, removeLeftover, removeStale, syncDirectory } from './durable-file.ts';
import {
  chooseVersion,
  floorOf,
  type KnownVersions,
  parseRecord,
  UnknownSchemaError,
  type VersionRecord,
} from './version-records.ts';

/** Where one asset's records and bytes lie. */
export interface AssetFolder {
  readonly root: string;
  readonly asset: AssetId;
  readonly path: string;
}

const bytesSuffix = '.bytes';

export function assetFolder(root: string, asset: AssetId): AssetFolder {
  return { root, asset, path: join(root, 'assets', objectKey(asset)) };
}

/**
 * The folder of an asset, relative to the root: two lower-case hex names, whatever the public ID is.
 *
 * A hash, because public IDs hold `/`, `..`, 255 characters of any script and upper beside lower case, and file systems
 * disagree about every one of these. JSON keeps lone surrogates apart, which UTF-8 would all turn into U+FFFD.
 */
export function objectKey({ resourceType, publicId }: AssetId): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([resourceType, publicId]))
    .digest('hex');
  return join(hash.slice(0, 2), hash.slice(2));
}

/** The number is the name of a version's record, so only one writer can have it. */
export function recordPath(folder: AssetFolder, version: number): string {
  return join(folder.path, `${version}.json`);
}

/** Every version has a name of its own for its bytes, so late writers never write into what is current. */
export function bytesPath(folder: AssetFolder, versionId: string): string {
  return join(folder.path, `${versionId}${bytesSuffix}`);
}

/** Creates the folder. Until it has a record nobody knows whether its own name is durable, so that is made sure of. */
export async function makeFolder({ root, path }: AssetFolder, known: KnownVersions): Promise<void> {
  await mkdir(path, { recursive: true });
  if (known.highest > 0) return;
  for (const parent of [join(path, '..'), join(root, 'assets'), root]) await syncDirectory(parent);
}

/** The current original, or exactly `version`. One failing `readdir` when the asset was never uploaded. */
export async function findVersion(folder: AssetFolder, version?: number): Promise<OriginalRecord | undefined> {
  const unusable = new Set<number>();
  for (;;) {
    const { highest, records } = await readVersions(folder, { scope: version ?? 'newest', unusable });
    if (highest === 0) return undefined;
    const original = chooseVersion(records, version);
    if (original === undefined || (await hasBytes(folder, original))) return original;
    // Damaged, or removed since the record was read; in the second case a newer one is there by now.
    unusable.add(original.version);
  }
}

/**
 * Reads records, newest first: all, only the newest readable one, or those from a version upwards. What vanishes while
 * we read was removed by a newer upload, so the folder is listed again, else an asset that exists could seem absent.
 */
export async function readVersions(
  folder: AssetFolder,
  { scope, unusable = new Set() }: { readonly scope: 'all' | 'newest' | number; readonly unusable?: Set<number> },
): Promise<KnownVersions> {
  listing: for (;;) {
    const names = await listNames(folder);
    if (names.length === 0) return { names, highest: 0, records: [] };
    const versions = versionsIn(names);
    const records: VersionRecord[] = [];
    for (const version of versions) {
      if (typeof scope === 'number' && version < scope) break;
      if (unusable.has(version)) continue;
      const record = await readRecord(folder, version);
      if (record === 'vanished') {
        unusable.add(version);
        continue listing;
      }
      if (record === undefined) continue;
      records.push(record);
      if (scope === 'newest') break;
    }
    return { names, highest: versions[0] ?? 0, records };
  }
}

/**
 * Removes what lies below the floor, oldest first and each record before its bytes, and bytes that no record names once
 * they are older than {@link leftoverAgeMs}. The record that sets the floor stays, and so does the highest number.
 *
 * @param names - what the folder held some time ago. They must be older than the records that are read here: bytes whose
 *   record is created in between then have their record among those read.
 */
export async function removeOldVersions(folder: AssetFolder, names: readonly string[], nowMs: number): Promise<void> {
  const { records } = await readVersions(folder, { scope: 'all' });
  const floor = floorOf(records);
  for (const version of versionsIn(names).reverse()) {
    if (version >= floor) break;
    await removeLeftover(recordPath(folder, version));
    const original = records.find((record) => record.version === version)?.original;
    if (original !== undefined) await removeLeftover(bytesPath(folder, original.versionId));
  }
  const named = new Set(records.map(({ original }) => `${original?.versionId}${bytesSuffix}`));
  for (const name of names) {
    if (name.endsWith(bytesSuffix) && !named.has(name)) await removeStale(join(folder.path, name), nowMs);
  }
}

/** All names in the folder; none when it was never made. */
export async function listNames({ root, path }: AssetFolder): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
  const [realRoot, realPath] = await Promise.all([realpath(root), realpath(path)]);
  if (relative(realRoot, realPath) === relative(root, path)) return names;
  throw new Error(
    `${path} leads to ${realPath}: symbolic links inside the directory of originals are not followed. Replace the link by a real folder.`,
  );
}

// Every name counts, whatever it is the name of: a number that cannot be read must not be given out again either.
export function versionsIn(names: readonly string[]): number[] {
  return names
    .flatMap((name) => recordName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

const recordName = /^([1-9]\d{0,14})\.json$/;

async function readRecord(folder: AssetFolder, version: number): Promise<VersionRecord | 'vanished' | undefined> {
  const path = recordPath(folder, version);
  try {
    const text = await readPlainFile(path);
    const record = parseRecord(text.toString('utf8'), folder.asset, version);
    // Neither there nor absent: an older version must not be shown in its place, and an upload must not hide it.
    if (record !== undefined && 'unknownSchema' in record) {
      throw new UnknownSchemaError(`The record ${path}`, record.unknownSchema);
    }
    return record;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'vanished';
    // A link or a folder with a record's name. Everything else (EMFILE, EIO, EACCES) says nothing about the asset.
    if (isSystemError(error, 'ELOOP', 'EISDIR')) return undefined;
    throw error;
  }
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
