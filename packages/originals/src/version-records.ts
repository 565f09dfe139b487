import { createHash } from 'node:crypto';
import type { AssetId, OriginalRecord } from '@safelight/core';

/**
 * The schema of the records of originals, and of their folders. Increase it when an older release could misread a record.
 * All older schemas must stay readable, because an original cannot be made again.
 */
export const originalsSchema = 1;

/** The schema of records and folders without a number: the first release did not write one. */
const firstSchema = 1;

/** The schemas that this release reads. */
const knownSchemas: readonly number[] = [originalsSchema];

export function isKnownSchema(schema: number): boolean {
  return knownSchemas.includes(schema);
}

/**
 * A folder or a record was written by another release, and this release cannot read it. It counts neither as found nor as
 * absent. `fileOriginals` throws this error for a folder; its functions reject with it for a record.
 *
 * @example
 * try {
 *   fileOriginals({ directory: 'data/originals' });
 * } catch (error) {
 *   if (error instanceof UnknownSchemaError) console.error(`Start a newer release: schema ${error.schema}`);
 * }
 */
export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError' as const;
  /** The number that was found. */
  readonly schema: number;

  /**
   * @param place - the subject of the message, such as 'The record cat.json'
   * @param schema - the number that was found
   * @param otherRemedy - continues the sentence that says what to do, such as ', or choose another directory'
   */
  constructor(place: string, schema: number, otherRemedy = '') {
    const known = `this release of Safelight knows only schema ${knownSchemas.join(' and ')}`;
    super(
      `${place} has schema ${schema}, but ${known}. Start the release that wrote it, or a later one${otherRemedy}. Nothing in it has been changed.`,
    );
    this.schema = schema;
  }
}

/** An immutable entry in an asset's history: an upload or, without `original`, "gone". */
export interface VersionRecord extends AssetId {
  readonly version: number;
  /**
   * Versions below this number no longer exist. It is at most `version`. It allows old records to be removed without their
   * numbers being used again: if a process that stalled takes such a number, its record is below the floor and ignored.
   */
  readonly floor: number;
  readonly original?: OriginalRecord;
  /** Whether the asset existed before, if the version was published by `publishOnce`. */
  readonly hasReplaced?: boolean;
}

/** A record that a release with another schema has written, and that this release cannot read. */
export interface ForeignRecord {
  readonly unknownSchema: number;
}

/** The contents of an asset's folder when it was read. */
export interface KnownVersions {
  /** The names of all files. */
  readonly names: readonly string[];
  /** The highest number of all records, also of unreadable ones; 0 without a record. */
  readonly highest: number;
  /** The readable records, newest first. */
  readonly records: readonly VersionRecord[];
}

export function formatRecord(record: object): string {
  return `${JSON.stringify({ schema: originalsSchema, checksum: recordDigest(record), record })}\n`;
}

/**
 * Reads a record; `undefined` when it is damaged, or belongs to another version or asset. A record without a schema was
 * written by the first release, and has the first schema.
 */
export function parseRecord(text: string, asset: AssetId, version: number): VersionRecord | ForeignRecord | undefined {
  const record = parseSealed(text);
  if (record === undefined || isForeign(record)) return record;
  if (!isVersionRecord(record)) return undefined;
  return isOf(record, asset, version) && (record.original === undefined || isOf(record.original, asset, version))
    ? record
    : undefined;
}

/** Reads what {@link formatRecord} wrote, of any kind; `undefined` when it is damaged. */
export function parseSealed(text: string): object | ForeignRecord | undefined {
  const document = parseJson(text);
  if (!isObject(document)) return undefined;
  const { schema = firstSchema, checksum, record } = document;
  // The schema comes first, because another schema may have another checksum.
  if (Number.isSafeInteger(schema) && !isKnownSchema(Number(schema))) return { unknownSchema: Number(schema) };
  if (!Number.isSafeInteger(schema) || checksum !== recordDigest(record)) return undefined;
  return isObject(record) ? record : undefined;
}

export function isForeign(record: object): record is ForeignRecord {
  return 'unknownSchema' in record;
}

/** The lowest number that may still be delivered. */
export function floorOf(records: readonly VersionRecord[]): number {
  return records.reduce((floor, record) => Math.max(floor, record.floor), 0);
}

/**
 * The current original, or exactly `version`; `undefined` when it does not exist, or does not exist any more.
 *
 * @param records - for the current one, at least the newest readable record; for `version`, all readable records from
 *   that number upwards. Older records cannot hide newer ones, because a floor is never above the number of its record.
 */
export function chooseVersion(records: readonly VersionRecord[], version?: number): OriginalRecord | undefined {
  if (version === undefined) return records[0]?.original;
  return version < floorOf(records) ? undefined : records.find((record) => record.version === version)?.original;
}

/**
 * The asset ID (32 hex digits): that of the current version, or a new one.
 *
 * A new ID is not random, so that two first uploads at the same time get the same ID. It depends on the version at which
 * the asset was last destroyed, so that an upload after a destroy or a rename is another asset.
 */
export function assetIdOf(records: readonly VersionRecord[], { resourceType, publicId }: AssetId): string {
  const goneAt = floorOf(records);
  return chooseVersion(records)?.assetId ?? recordDigest([resourceType, publicId, goneAt]).slice(0, 32);
}

/**
 * The number of the next upload: the time in Unix seconds, or a higher number when the history is ahead of the clock. At
 * least 2, because `v1` in a delivery URL means no version.
 */
export function versionOfUpload(nowMs: number, highest: number): number {
  return Math.max(2, Math.floor(nowMs / 1000), highest + 1);
}

/** The floor of an upload: `maxVersions` older versions stay deliverable. */
export function floorAfterUpload(
  records: readonly VersionRecord[],
  upload: { readonly version: number; readonly maxVersions: number },
): number {
  const floor = floorOf(records);
  const deliverable = records.filter((record) => record.original !== undefined && record.version >= floor);
  return deliverable.slice(0, upload.maxVersions).at(-1)?.version ?? upload.version;
}

/** SHA-256 of a value as JSON, in hex. */
function recordDigest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
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

// The checksum proves that the record is as a release wrote it, so only fields that a later format may change are checked.
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
