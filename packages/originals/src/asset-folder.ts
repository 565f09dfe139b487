import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetId } from '@safelight/core';
import {
  isSystemError,
  namesInside,
  readPlainFile,
  removeLeftover,
  removeStale,
  syncDirectory,
} from './durable-file.ts';
import { removeFactsExcept } from './facts-files.ts';
import { isOnceName } from './once-names.ts';
import {
  floorOf,
  isForeign,
  type KnownVersions,
  parseRecord,
  UnknownSchemaError,
  type VersionRecord,
} from './version-records.ts';

/** The folder that has the records and the bytes of one asset. */
export interface AssetFolder {
  /** The directory of all originals. */
  readonly root: string;
  readonly asset: AssetId;
  readonly path: string;
}

const bytesSuffix = '.bytes';

export function assetFolder(root: string, asset: AssetId): AssetFolder {
  return { root, asset, path: join(root, 'assets', objectKey(asset)) };
}

/**
 * The folder of an asset, relative to `assets`: two lower-case hex names, for any public ID.
 *
 * The name is a hash, because a public ID may have `/`, `..`, 255 characters of any script, and upper and lower case, and
 * file systems treat each of these differently. The hash is of JSON, because JSON escapes lone surrogates, while UTF-8
 * would turn all of them into U+FFFD.
 */
export function objectKey({ resourceType, publicId }: AssetId): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([resourceType, publicId]))
    .digest('hex');
  return join(hash.slice(0, 2), hash.slice(2));
}

/** The path of a version's record. The number is its name, so only one writer can have the number. */
export function recordPath(folder: Pick<AssetFolder, 'path'>, version: number): string {
  return join(folder.path, `${version}.json`);
}

/** The path of a version's bytes. Each version has its own name, so a late writer never changes the current bytes. */
export function bytesPath(folder: AssetFolder, versionId: string): string {
  return join(folder.path, `${versionId}${bytesSuffix}`);
}

/** Creates the folder. While it has no record, its name may not be durable, so the parent directories are synced. */
export async function makeFolder({ root, path }: AssetFolder, known: KnownVersions): Promise<void> {
  await mkdir(path, { recursive: true });
  if (known.highest > 0) return;
  for (const parent of [join(path, '..'), join(root, 'assets'), root]) await syncDirectory(parent);
}

/**
 * Reads records, newest first: all, only the newest readable one, or all from a version upwards. A record that vanishes
 * during the read was removed by a newer upload. Then the folder is listed again: otherwise an asset that exists could seem
 * absent.
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
 * Removes the versions below the floor, the oldest first, and each record before its bytes and its facts. Also removes bytes
 * that belong to no record, and the plans of `publishOnce`, one day after their last change. The record that sets the floor stays, and so does the highest
 * number.
 *
 * @param names - the names in the folder, listed before this function reads the records. So a record that is created in
 *   between is among those read, and its bytes are not removed.
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
    const isUnused = name.endsWith(bytesSuffix) && !named.has(name);
    if (isUnused || isOnceName(name)) await removeStale(join(folder.path, name), nowMs);
  }
  const kept = records.flatMap(({ version, original }) => (version < floor ? [] : (original?.versionId ?? [])));
  await removeFactsExcept(folder.path, { names, kept, nowMs });
}

/** All names in the folder; none when the folder does not exist. */
export function listNames({ root, path }: Pick<AssetFolder, 'root' | 'path'>): Promise<readonly string[]> {
  return namesInside(root, path);
}

/** The numbers of all records, highest first. The number of an unreadable record counts: it must not be used again. */
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
    // While this release cannot read the record, it must not serve an older version, and an upload must not hide it.
    if (record !== undefined && isForeign(record)) {
      throw new UnknownSchemaError(`The record ${path}`, record.unknownSchema);
    }
    return record;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'vanished';
    // A link or a folder has the record's name. Other errors (EMFILE, EIO, EACCES) say nothing about the asset.
    if (isSystemError(error, 'ELOOP', 'EISDIR')) return undefined;
    throw error;
  }
}
