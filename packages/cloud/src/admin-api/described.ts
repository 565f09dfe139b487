import type { OriginalRecord } from '@safelight/core';
import type { AssetVersion, ListedAsset } from '@safelight/protocol';
import type { z } from 'zod';
import { describeAsset, isoTime, type ResponseSettings } from '../upload-api/describe-asset.ts';
import { memberNames } from './schemas.ts';

/** Describes an asset for lists, with all members that one may ask for. */
export function describeListed(record: OriginalRecord, settings: ResponseSettings): ListedAsset {
  const {
    version_id: _,
    signature: _signature,
    placeholder: _placeholder,
    ...described
  } = describeAsset(record, settings);
  const { width, height, publicId } = record;
  const slash = publicId.lastIndexOf('/');
  return {
    ...described,
    folder: publicId.slice(0, Math.max(slash, 0)),
    filename: publicId.slice(slash + 1),
    uploaded_at: described.created_at,
    status: 'active',
    access_mode: 'public',
    etag: record.etag,
    ...(width === undefined || height === undefined || height === 0
      ? {}
      : { aspect_ratio: Math.round((width / height) * 1e5) / 1e5, pixels: width * height }),
  };
}

/** Which members a list has. */
export interface ListedMembers {
  /** Only these, and those that identify the asset. */
  readonly fields?: readonly string[] | undefined;
  /** Members that are left out unless they are named here. */
  readonly withField?: readonly string[] | undefined;
}

/** Members of a list that must be asked for: they may be long. */
const onRequest = ['tags', 'context', 'metadata'] as const;

/** The members that each entry of a list has, whatever `fields` says. */
const ofEveryEntry: readonly (keyof ListedAsset)[] = ['asset_id', 'folder', 'public_id'];

/** The members that each result of a search has, whatever `fields` says. */
const ofEveryResult: readonly (keyof ListedAsset)[] = [
  ...ofEveryEntry,
  'created_at',
  'status',
  'type',
  'resource_type',
];

/** The members of a list. */
const listedMemberNames: ReadonlySet<string> = new Set<keyof ListedAsset>([
  ...ofEveryResult,
  ...([
    'version',
    'format',
    'uploaded_at',
    'bytes',
    'width',
    'height',
    'filename',
    'etag',
    'aspect_ratio',
    'pixels',
  ] as const),
  ...(['access_mode', 'asset_folder', 'display_name', 'url', 'secure_url', 'tags', 'context', 'metadata'] as const),
]);

/** Members of Cloudinary's responses that Safelight has never. They may be asked for, since tools do so on their own. */
const absentMemberNames: readonly string[] = [
  ...['access_control', 'backup', 'backup_bytes', 'created_by', 'is_audio', 'last_updated', 'moderation'],
  ...['moderation_kind', 'moderation_status', 'placeholder', 'regions', 'uploaded_by'],
  ...['accessibility_analysis', 'image_analysis', 'image_metadata', 'quality_analysis'],
];

/** The schema of `fields` and `with_field`. */
export const listedMembers: z.ZodType<readonly string[]> = memberNames([...listedMemberNames], absentMemberNames);

/** The schema of `fields` of the details of an asset. */
export const detailMembers: z.ZodType<readonly string[]> = memberNames(
  [...listedMemberNames, 'version_id', 'signature', 'derived', 'versions', 'next_cursor'],
  absentMemberNames,
);

export function listedEntry(
  record: OriginalRecord,
  members: ListedMembers,
  settings: ResponseSettings,
): Partial<ListedAsset> {
  return chosen(describeListed(record, settings), members, ofEveryEntry);
}

/** The result of a search. It has the pairs of the context directly, and names the format also where none is known. */
export function foundEntry(
  record: OriginalRecord,
  members: ListedMembers,
  settings: ResponseSettings,
): Partial<ListedAsset> {
  const described = describeListed(record, settings);
  const context = record.context === undefined ? {} : { context: record.context };
  return chosen({ ...described, format: described.format ?? '', ...context }, members, ofEveryResult);
}

function chosen(
  described: ListedAsset,
  { fields, withField = [] }: ListedMembers,
  always: readonly string[],
): Partial<ListedAsset> {
  const isWanted = (name: string): boolean =>
    fields === undefined
      ? !onRequest.some((member) => member === name) || withField.includes(name)
      : always.includes(name) || fields.includes(name);
  return Object.fromEntries(Object.entries(described).filter(([name]) => isWanted(name)));
}

/** @param isCurrent - whether it is the version that is delivered without a version in the URL */
export function describeVersion(record: OriginalRecord, isCurrent: boolean): AssetVersion {
  return {
    version_id: record.versionId,
    version: String(record.version),
    format: record.format,
    size: record.bytes,
    time: isoTime(record.createdAt),
    restorable: !isCurrent,
  };
}
