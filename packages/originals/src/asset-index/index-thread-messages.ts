import type {
  AssetId,
  AssetQuery,
  DerivedEntry,
  DerivedPage,
  DerivedQuery,
  FolderQuery,
  IndexPage,
  IndexState,
  IndexUsage,
  SearchQuery,
  TagQuery,
} from '@safelight/core';

/** The part of the index that a thread does. Writes and searches do not wait for each other, and lists for neither. */
export type ThreadRole = 'write' | 'read' | 'search';

export interface ThreadOptions {
  readonly role: ThreadRole;
  /** Absolute path of the file. */
  readonly path: string;
  readonly maxSearchMs: number;
}

/** A page with its records as one JSON text, so that only the thread of the caller parses it. */
export interface JsonPage extends IndexPage {
  readonly json: string;
}

export interface PageOfNames extends IndexPage {
  readonly names: readonly string[];
}

/** The calls of the thread that writes. */
export interface WriteMethods {
  begin(asset: AssetId): void;
  /** @param json - the record; `undefined` when the asset does not exist */
  end(asset: AssetId, json: string | undefined): void;
  unfinished(): readonly AssetId[];
  beginBuild(): void;
  build(jsons: readonly string[]): void;
  /** @returns where to go on, see `removeStaleAssets` */
  removeStale(afterId: number): number | undefined;
  /** @returns where to go on, see `addIndex` */
  addIndex(at: number): number | undefined;
  endBuild(isComplete: boolean): void;
  createFolder(path: string): void;
  deleteFolder(path: string): readonly string[] | 'not_empty' | undefined;
  addDerived(entries: readonly DerivedEntry[]): void;
  removeDerived(ids: readonly string[]): readonly DerivedEntry[];
  removeDerivedOf(asset: AssetId): void;
}

/** The calls of the threads that read. */
export interface ReadMethods {
  find(assetId: string): string | undefined;
  list(query: AssetQuery): JsonPage;
  search(query: SearchQuery): Promise<JsonPage & { readonly total: number }>;
  tags(query: TagQuery): PageOfNames;
  folders(query: FolderQuery): PageOfNames & { readonly total: number };
  derived(query: DerivedQuery): DerivedPage;
  state(): IndexState;
  usage(): IndexUsage;
  close(): void;
}

export interface CallMessage {
  readonly call: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** `error` is cloned: an error keeps its message, and its class if that is one of JavaScript's own. */
export type ThreadMessage =
  | { readonly kind: 'result'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly call: number; readonly error: unknown }
  | { readonly kind: 'too long'; readonly call: number; readonly maxMs: number }
  | { readonly kind: 'note'; readonly message: string };
