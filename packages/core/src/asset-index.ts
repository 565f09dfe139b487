import type { ResourceType } from '@safelight/protocol';
import type { AssetId, OriginalRecord } from './originals.ts';

/**
 * The port to the index of assets: it finds the assets that a name does not tell. The originals stay the truth. An index
 * that was lost is written again from `Originals.list`.
 *
 * A change of an asset has three steps: `begin`, the change in the originals, `end`. If a process ends in between,
 * `unfinished` names the asset, and its state is read from the originals again.
 *
 * A list has pages. A page costs the same wherever it is in the list, and never reads an original. An asset that does not
 * change during a walk through all pages is listed exactly once.
 */
export interface AssetIndex {
  /** Notes that an asset is about to change. The note is durable when this resolves. */
  begin(asset: AssetId): Promise<void>;
  /**
   * Writes the state of an asset after a change, and removes its note. It is visible when this resolves.
   *
   * @param current - the current version; `undefined` when the asset does not exist any more. Derivatives of earlier
   *   versions are forgotten
   */
  end(asset: AssetId, current: OriginalRecord | undefined): Promise<void>;
  /** The assets with a note: their changes have begun and not ended. */
  unfinished(): Promise<readonly AssetId[]>;

  state(): Promise<IndexState>;
  /**
   * Writes what exists, in the place of what the index has. Lists stay readable meanwhile, and `state` says `building`.
   * Changes that begin and end meanwhile are not undone. When it rejects, `state` says `new`.
   * @throws {Error} when a rebuild is under way
   */
  rebuild(records: AsyncIterable<OriginalRecord>): Promise<void>;

  /** Finds an asset by its asset ID. */
  find(assetId: string): Promise<OriginalRecord | undefined>;
  list(query: AssetQuery): Promise<AssetPage>;
  /**
   * @throws {SearchTooLongError} when it takes longer than the limit of the index
   * @throws {RangeError} when it is ordered by tags, context or metadata
   */
  search(query: SearchQuery): Promise<SearchPage>;
  /** The tags of all assets of a type, in the order of their code points. */
  tags(query: TagQuery): Promise<TagPage>;

  /**
   * The folders directly below a folder, or those that match; by path. The folders of public IDs (`a/b` of `a/b/cat`) and
   * asset folders are one tree. A folder exists while an asset is in it or below it, or after `createFolder`.
   */
  folders(query: FolderQuery): Promise<FolderPage>;
  /** Creates a folder without assets, with the folders above it. Nothing happens when it exists. */
  createFolder(path: string): Promise<void>;
  /**
   * Removes a folder and the folders below it.
   * @returns the removed paths; `'not_empty'` when an asset is in it or below it; `undefined` when it does not exist
   */
  deleteFolder(path: string): Promise<readonly string[] | 'not_empty' | undefined>;

  /**
   * Notes derivatives that were stored. The same ID replaces its entry. Entries of unknown assets and of earlier versions are
   * ignored.
   */
  addDerived(entries: readonly DerivedEntry[]): Promise<void>;
  derived(query: DerivedQuery): Promise<DerivedPage>;
  /** Forgets derivatives. @returns the entries that existed */
  removeDerived(ids: readonly string[]): Promise<readonly DerivedEntry[]>;
  /** Forgets all derivatives of an asset. */
  removeDerivedOf(asset: AssetId): Promise<void>;

  usage(): Promise<IndexUsage>;
  /** Ends the work of the index. Later calls reject. */
  close(): Promise<void>;
}

/** `new`: it was created without assets, and must be built. `building`: it is being built, and has a part of the assets. */
export interface IndexState {
  readonly phase: 'new' | 'building' | 'ready';
  readonly assets: number;
}

export interface IndexPage {
  /**
   * The `after` of the next page; absent on the last page. It is opaque text of letters, digits, `-` and `_`, and belongs to
   * its query.
   */
  readonly next?: string;
}

/** The members that every query has. */
interface PageQuery {
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

/** What the index knows of all assets together. */
export interface IndexUsage {
  readonly assets: number;
  /** Bytes of the current versions. */
  readonly bytes: number;
  readonly derived: number;
}
