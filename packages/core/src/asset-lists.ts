import type { ResourceType } from '@safelight/protocol';
import type { AssetId, OriginalRecord } from './originals.ts';

export interface IndexPage {
  /**
   * The `after` of the next page; absent on the last page. It is opaque text of letters, digits, `-` and `_`, and belongs to
   * its query.
   */
  readonly next?: string;
}

/** The members that every query has. */
export interface PageQuery {
  /** The largest number of entries of the page, 1 to 500. */
  readonly limit: number;
  /**
   * `next` of the page before.
   * @throws {RangeError} the query rejects with it when the text is not from an earlier page of this query
   */
  readonly after?: string | undefined;
}

/** Assets that meet all given members. Without members: all. */
export interface AssetQuery extends PageQuery {
  readonly resourceType?: ResourceType | undefined;
  /** The beginning of the public ID. */
  readonly prefix?: string | undefined;
  readonly tag?: string | undefined;
  /** A key of the context, with the value, or with any value. */
  readonly context?: { readonly key: string; readonly value?: string | undefined } | undefined;
  /** Exactly this asset folder; `''` is the top folder. */
  readonly assetFolder?: string | undefined;
  /** Only uploads at this time or later (epoch milliseconds). With `desc`: at this time or earlier. */
  readonly startAt?: number | undefined;
  /** @default by public ID, ascending */
  readonly order?: AssetOrder | undefined;
}

export interface AssetOrder {
  /**
   * Assets with the same value are in the order of their public ID and resource type. `desc` is the reverse of `asc`. Public
   * IDs are in the order of their code points.
   */
  readonly by: 'publicId' | 'createdAt';
  readonly direction: 'asc' | 'desc';
}

export interface AssetPage extends IndexPage {
  readonly assets: readonly OriginalRecord[];
}

export interface TagQuery extends PageQuery {
  readonly resourceType: ResourceType;
  readonly prefix?: string | undefined;
}

export interface TagPage extends IndexPage {
  readonly tags: readonly string[];
}

export interface FolderQuery extends PageQuery {
  /** Only the folders directly below this one; `''` is the top folder. */
  readonly below?: string | undefined;
  /** Only paths with this text, in either case of A to Z, or with `isExact` exactly this path. */
  readonly matches?: { readonly text: string; readonly isExact: boolean } | undefined;
}

export interface FolderPage extends IndexPage {
  readonly folders: readonly string[];
  /** The number of folders of all pages. */
  readonly total: number;
}

/** A derivative that is, or was, in the cache. */
export interface DerivedEntry {
  /** 32 hex digits, the same for the same derivation of the same asset. */
  readonly id: string;
  readonly asset: AssetId;
  /** The version that it was made of. */
  readonly version: number;
  /** The text of the transformation, as in URLs. */
  readonly transformation: string;
  readonly format: string;
  readonly bytes: number;
}

export interface DerivedQuery extends PageQuery {
  readonly asset?: AssetId | undefined;
  /** Exactly this text. */
  readonly transformation?: string | undefined;
}

export interface DerivedPage extends IndexPage {
  readonly entries: readonly DerivedEntry[];
}
