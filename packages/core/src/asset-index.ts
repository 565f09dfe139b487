import type {
  AssetPage,
  AssetQuery,
  DerivedEntry,
  DerivedPage,
  DerivedQuery,
  FolderPage,
  FolderQuery,
  TagPage,
  TagQuery,
} from './asset-lists.ts';
import type { SearchPage, SearchQuery } from './asset-search.ts';
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

/** What the index knows of all assets together. */
export interface IndexUsage {
  readonly assets: number;
  /** Bytes of the current versions. */
  readonly bytes: number;
  readonly derived: number;
}
