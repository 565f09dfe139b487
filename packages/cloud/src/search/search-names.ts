import type { SearchField } from '@safelight/core';

/** How a field of an expression is searched. */
export interface NamedField {
  readonly kind: 'text' | 'bytes' | 'number' | 'ratio' | 'time' | 'constant';
  readonly field: SearchField;
  /** Of a text: `name:x` finds a word of the value, and `name=x` the whole value. Otherwise both find the whole value. */
  readonly hasWords?: boolean;
  /** Of a text: whether each asset has a value, perhaps an empty one. */
  readonly isAlwaysSet?: boolean;
  /** The only value that assets of Safelight have. */
  readonly value?: string;
  readonly isSortable?: boolean;
}

const text = (field: SearchField, more: Partial<NamedField> = {}): NamedField => ({ kind: 'text', field, ...more });
const sortable = { isSortable: true };

/** The fields that an expression can name. */
export const namedFields: Readonly<Record<string, NamedField>> = {
  public_id: text('publicId', { hasWords: true, ...sortable }),
  asset_id: text('assetId'),
  folder: text('folder', { isAlwaysSet: true, ...sortable }),
  asset_folder: text('assetFolder', { isAlwaysSet: true, ...sortable }),
  filename: text('filename', { hasWords: true, ...sortable }),
  display_name: text('displayName', { hasWords: true, ...sortable }),
  tags: text('tags', { hasWords: true }),
  context: text('context', { hasWords: true }),
  metadata: text('metadata', { hasWords: true }),
  format: text('format', sortable),
  resource_type: text('resourceType', sortable),
  etag: text('etag'),
  type: { kind: 'constant', field: 'publicId', value: 'upload' },
  status: { kind: 'constant', field: 'publicId', value: 'active' },
  created_at: { kind: 'time', field: 'createdAt', ...sortable },
  uploaded_at: { kind: 'time', field: 'createdAt', ...sortable },
  bytes: { kind: 'bytes', field: 'bytes', ...sortable },
  width: { kind: 'number', field: 'width', ...sortable },
  height: { kind: 'number', field: 'height', ...sortable },
  pixels: { kind: 'number', field: 'pixels', ...sortable },
  aspect_ratio: { kind: 'ratio', field: 'aspectRatio', ...sortable },
};
