import type { AssetPage, PageQuery } from './asset-lists.ts';

/** A field that a search knows. `folder` is the part of the public ID before the last `/`, `filename` the part after it. */
export type SearchField =
  | 'publicId'
  | 'assetId'
  | 'folder'
  | 'assetFolder'
  | 'filename'
  | 'displayName'
  | 'tags'
  | 'context'
  | 'metadata'
  | 'format'
  | 'resourceType'
  | 'etag'
  | 'createdAt'
  | 'bytes'
  | 'width'
  | 'height'
  | 'pixels'
  | 'aspectRatio';

/** A condition of a search. Texts are compared without regard to the case of letters A to Z. */
export type SearchCondition =
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly SearchCondition[] }
  | { readonly kind: 'not'; readonly condition: SearchCondition }
  /** The whole value. Of `tags`, one of them. `key`: the key of the context. */
  | { readonly kind: 'equals'; readonly field: SearchField; readonly key?: string; readonly value: string | number }
  /**
   * A word of the value, or several that follow each other, as in `title:red shoe`. A word is a run of letters and digits. A
   * text without a word must be the whole value.
   */
  | { readonly kind: 'words'; readonly field: SearchField; readonly key?: string; readonly value: string }
  /** The value begins with this text, or the text is one word and a word of the value begins with it: `cat*`. */
  | { readonly kind: 'begins'; readonly field: SearchField; readonly key?: string; readonly value: string }
  /** Bounds of a number, or of a time in epoch milliseconds. */
  | {
      readonly kind: 'range';
      readonly field: SearchField;
      readonly from?: { readonly value: number; readonly isInclusive: boolean };
      readonly to?: { readonly value: number; readonly isInclusive: boolean };
    }
  /** The field has a value. */
  | { readonly kind: 'exists'; readonly field: SearchField; readonly key?: string }
  /** A word, or several that follow each other, in the public ID, the display name, a tag or a value of the context. */
  | { readonly kind: 'anywhere'; readonly value: string; readonly isPrefix: boolean };

export interface SearchQuery extends PageQuery {
  /** @default all assets */
  readonly condition?: SearchCondition | undefined;
  /**
   * The most important order first. Texts are ordered as if A to Z were a to z, and missing numbers come before 0. Assets with
   * the same values are in any order, which stays the same. @default by time of upload, the newest first
   */
  readonly order?: readonly { readonly by: SearchField; readonly direction: 'asc' | 'desc' }[] | undefined;
}

export interface SearchPage extends AssetPage {
  /** The number of assets that meet the condition. */
  readonly total: number;
}
