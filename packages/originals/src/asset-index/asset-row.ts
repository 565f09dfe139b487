import type { OriginalRecord } from '@safelight/core';
import type { SqlValue } from './index-database.ts';
import { folded, indexedKeyedWords, indexedWords } from './searchable-text.ts';

/** What the tables have of one record, beside its JSON. */
export interface AssetRow {
  /** The columns of `asset`, from `resource_type` to `has_metadata`. */
  readonly columns: readonly SqlValue[];
  /** The columns of `words`. */
  readonly words: readonly string[];
  readonly tags: readonly string[];
  readonly context: readonly (readonly [key: string, value: string])[];
  readonly metadata: string | undefined;
  /** The folders that exist because of this asset. */
  readonly folders: readonly string[];
}

export function assetRow(record: OriginalRecord): AssetRow {
  const { publicId, assetFolder = '', displayName = '', tags = [], context = {}, metadata } = record;
  const { folder, filename } = splitPublicId(publicId);
  return {
    columns: [
      ...[record.resourceType, publicId, record.assetId, folder, filename, assetFolder, displayName],
      ...[record.format, record.etag, ...numbersOf(record), metadata === undefined ? 0 : 1],
    ],
    words: [
      ...[publicId, folder, filename, assetFolder, displayName].map((text) => indexedWords([text])),
      indexedWords(tags),
      indexedWords(Object.values(context)),
      indexedKeyedWords(context),
      indexedWords(metadata === undefined ? [] : [metadata]),
    ],
    tags: [...new Set(tags)],
    context: Object.entries(context),
    metadata: metadata === undefined ? undefined : folded(metadata),
    folders: [...new Set([...withParents(folder), ...withParents(assetFolder)])],
  };
}

function numbersOf({ createdAt, bytes, width, height }: OriginalRecord): readonly number[] {
  const isPicture = width !== undefined && height !== undefined;
  const pixels = isPicture ? width * height : -1;
  const aspectRatio = isPicture && height > 0 ? width / height : -1;
  return [createdAt, bytes, width ?? -1, height ?? -1, pixels, aspectRatio];
}

export function splitPublicId(publicId: string): { readonly folder: string; readonly filename: string } {
  const slash = publicId.lastIndexOf('/');
  return { folder: publicId.slice(0, Math.max(slash, 0)), filename: publicId.slice(slash + 1) };
}

/** A folder and those above it, without the top folder `''`. */
export function withParents(path: string): readonly string[] {
  const paths: string[] = [];
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) paths.push(path.slice(0, end));
  return paths;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
