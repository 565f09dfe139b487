import { createHash } from 'node:crypto';
import type { AssetId, OriginalRecord } from '@safelight/core';
import { firstSchema, isKnownSchema, originalsSchema } from './originals-schema.ts';

/** One entry in an asset's history, immutable: an upload, or (without `original`) "gone". */
export interface VersionRecord extends AssetId {
  readonly version: number;
  /**
   * Versions below this number are no more, at most `version`. It lets old records be removed without their numbers
   * coming back: a writer that stalled and takes a removed number ends up below the floor, where nobody looks.
   */
  readonly floor: number;
  readonly original?: OriginalRecord;
}

/** Stands for a record that a release with another schema has written: nothing of it can be judged. */
export interface ForeignRecord {
  readonly unknownSchema: number;
}

/** What a folder held when it was read. */
export interface KnownVersions {
  /** The highest number in any record's name, readable or not; 0 when there is none. */
  readonly highest: number;
  /** The readable records, newest first. */
  readonly records: readonly VersionRecord[];
}

const namePattern = /^([1-9]\d{0,14})\.json$/;

/** The file name of a version's record: the number decides, so only one writer can have it. */
export function recordName(version: number): string {
  return `${version}.json`;
}

/** The version in a file name; `undefined` when it is not a record's. */
export function parseRecordName(name: string): number | undefined {
  const digits = namePattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function formatRecord(record: VersionRecord): string {
  return `${JSON.stringify({ schema: originalsSchema, checksum: checksumOf(record), record })}\n`;
}

/**
 * The record in `text`; `undefined` when it is torn, or not that of this version of this asset. One without a schema is of
 * the first release, and has the first schema.
 */
export function parseRecord(text: string, asset: AssetId, version: number): VersionRecord | ForeignRecord | undefined {
  const document = parseJson(text);
  if (!isObject(document)) return undefined;
  const { schema = firstSchema, checksum, record } = document;
  // Before anything else: another schema may have another checksum.
  if (Number.isSafeInteger(schema) && !isKnownSchema(Number(schema))) return { unknownSchema: Number(schema) };
  if (!Number.isSafeInteger(schema) || checksum !== checksumOf(record)) return undefined;
  if (!isObject(record) || !isVersionRecord(record)) return undefined;
  return isOf(record, asset, version) && (record.original === undefined || isOf(record.original, asset, version))
    ? record
    : undefined;
}

/** The lowest number that may still be delivered. */
export function floorOf(records: readonly VersionRecord[]): number {
  return records.reduce((floor, record) => Math.max(floor, record.floor), 0);
}

/**
 * The current original, or exactly `version`; `undefined` when it does not exist or is no more. Needs the newest readable
 * record for the current one, and every readable record from `version` upwards for that one: what lies below cannot
 * hide what lies above, as a floor is never higher than its own record.
 */
export function chooseVersion(records: readonly VersionRecord[], version?: number): OriginalRecord | undefined {
  if (version === undefined) return records[0]?.original;
  return version < floorOf(records) ? undefined : records.find((record) => record.version === version)?.original;
}

/** The number of the next upload: now in Unix seconds, or more where the history is ahead of the clock. */
export function nextVersion(highest: number, nowMs: number): number {
  return Math.max(1, Math.floor(nowMs / 1000), highest + 1);
}

/** The floor of an upload that leaves `keepVersions` older ones deliverable. */
export function floorAfterUpload(
  records: readonly VersionRecord[],
  upload: { readonly version: number; readonly keepVersions: number },
): number {
  const floor = floorOf(records);
  const deliverable = records.filter((record) => record.original !== undefined && record.version >= floor);
  return deliverable.slice(0, upload.keepVersions).at(-1)?.version ?? upload.version;
}

function checksumOf(record: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(record) ?? '')
    .digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

// The checksum says that it is as we wrote it; what remains to be checked is what a later format could have changed.
function isVersionRecord(value: object): value is VersionRecord {
  const { version, floor, original } = value as Partial<Record<keyof VersionRecord, unknown>>;
  return (
    Number.isSafeInteger(version) &&
    Number.isSafeInteger(floor) &&
    Number(floor) <= Number(version) &&
    (original === undefined || isObject(original))
  );
}

function isOf(record: AssetId & { readonly version: number }, asset: AssetId, version: number): boolean {
  return record.resourceType === asset.resourceType && record.publicId === asset.publicId && record.version === version;
}
