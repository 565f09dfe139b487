import type { SearchField } from '@safelight/core';

/** How the tables have a field. */
export type FieldPlace =
  | {
      readonly kind: 'text';
      readonly column: string;
      /** The column of `words`. Without one, the value is one word. */
      readonly words?: string;
    }
  | { readonly kind: 'number'; readonly column: string }
  | { readonly kind: 'tags' | 'context' | 'metadata' };

export const fieldPlaces: Readonly<Record<SearchField, FieldPlace>> = {
  publicId: { kind: 'text', column: 'public_id', words: 'public_id' },
  assetId: { kind: 'text', column: 'asset_id' },
  folder: { kind: 'text', column: 'folder', words: 'folder' },
  assetFolder: { kind: 'text', column: 'asset_folder', words: 'asset_folder' },
  filename: { kind: 'text', column: 'filename', words: 'filename' },
  displayName: { kind: 'text', column: 'display_name', words: 'display_name' },
  format: { kind: 'text', column: 'format' },
  resourceType: { kind: 'text', column: 'resource_type' },
  etag: { kind: 'text', column: 'etag' },
  tags: { kind: 'tags' },
  context: { kind: 'context' },
  metadata: { kind: 'metadata' },
  createdAt: { kind: 'number', column: 'created_at' },
  bytes: { kind: 'number', column: 'bytes' },
  width: { kind: 'number', column: 'width' },
  height: { kind: 'number', column: 'height' },
  pixels: { kind: 'number', column: 'pixels' },
  aspectRatio: { kind: 'number', column: 'aspect_ratio' },
};

/** The column that gives an order to a search. @throws {RangeError} for a field with several values */
export function orderColumn(field: SearchField): string {
  const place = fieldPlaces[field];
  if (place.kind === 'text') return `${place.column} COLLATE NOCASE`;
  if (place.kind === 'number') return place.column;
  throw new RangeError(`A search cannot be ordered by ${field}, which can have several values.`);
}
