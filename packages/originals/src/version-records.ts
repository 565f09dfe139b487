import { createHash } from 'node:crypto';
import type { AssetId, OriginalRecord } from '@safelight/core';

/**
 * The form of the records of originals, and of the folders that they are in. Increase it whenever an older release could
 * misread a record. All older forms have to stay readable: an original cannot be made again.
 */
export const originalsSchema = 1;

/** The schema of records and folders that say none: the first release wrote no number. */
const firstSchema = 1;

/** Which schemas this release reads. */
const knownSchemas: readonly number[] = [originalsSchema];

export function isKnownSchema(schema: number): boolean {
  return knownSchemas.includes(schema);
}

/** What was found is of another release and cannot be read by this one: it counts neither as found nor as absent. */
export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError' as const;
  readonly schema: number;

  /**
   * @param what - names the place, as the subject of a sentence
   * @param schema - the number that was found there
   * @param otherwise - what else helps, besides another release
   */
  constructor(what: string, schema: number, otherwise = '') {
    const known = `this release of Safelight knows only schema ${knownSchemas.join(' and ')}`;
    super(
      `${what} has schema ${schema}, but ${known}. Start the release that wrote it, or a later one${otherwise}. Nothing in it has been changed.`,
    );
    this.schema = schema;
  }
}

/** One entry in an asset's history, immutable: an upload, or (without `original`) "gone". */
export interface VersionRecord extends AssetId {
  readonly version: number;
  /**
   * Versions below this number no longer exist; it is at most `version`. With it, old records can be removed and their
   * numbers stay unused: a writer that stalled and takes such a number gets a record below the floor, which is ignored.
   */
  readonly floor: number;
  readonly original?: OriginalRecord;
}

/** Stands for a record that a release with another schema has written. This release cannot read it. */
export interface ForeignRecord {
  readonly unknownSchema: number;
}

/** What a folder held when it was read. */
export interface KnownVersions {
  /** All names in it. */
  readonly names: readonly string[];
  /** The highest number in any record's name, readable or not; 0 when there is none. */
  readonly highest: number;
  /** The readable records, newest first. */
  readonly records: readonly VersionRecord[];
}

export function formatRecord(record: VersionRecord): string {
  return `${JSON.stringify({ schema: originalsSchema, checksum: recordDigest(record), record })}\n`;
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
  if (!Number.isSafeInteger(schema) || checksum !== recordDigest(record)) return undefined;
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
 * The current original, or exactly `version`; `undefined` when it does not exist (any more). Needs the newest readable
 * record for the current one, and every readable record from `version` upwards for that one: what lies below cannot
 * hide what lies above, as a floor is never higher than its own record.
 */
export function chooseVersion(records: readonly VersionRecord[], version?: number): OriginalRecord | undefined {
  if (version === undefined) return records[0]?.original;
  return version < floorOf(records) ? undefined : records.find((record) => record.version === version)?.original;
}

/**
 * The asset ID (32 hex digits) of an asset: that of its current version, else a new one.
 *
 * A new one is not random, so that two first uploads at once agree. The version at which the asset was last destroyed is in
 * it, so that what is uploaded after a destroy or a rename is another asset.
 */
export function assetIdOf(records: readonly VersionRecord[], { resourceType, publicId }: AssetId): string {
  const goneAt = floorOf(records);
  return chooseVersion(records)?.assetId ?? recordDigest([resourceType, publicId, goneAt]).slice(0, 32);
}

/**
 * The number of the next upload: now in Unix seconds, or more where the history is ahead of the clock. At least 2: a
 * delivery URL reads `v1` as no version.
 */
export function versionOfUpload(nowMs: number, highest: number): number {
  return Math.max(2, Math.floor(nowMs / 1000), highest + 1);
}

/** The floor of an upload that leaves `maxVersions` older ones deliverable. */
export function floorAfterUpload(
  records: readonly VersionRecord[],
  upload: { readonly version: number; readonly maxVersions: number },
): number {
  const floor = floorOf(records);
  const deliverable = records.filter((record) => record.original !== undefined && record.version >= floor);
  return deliverable.slice(0, upload.maxVersions).at(-1)?.version ?? upload.version;
}

/** Hex, of a value as JSON. */
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
