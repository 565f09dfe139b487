import type { AssetDescription, DerivedRecord, DestroyResponse, ResourceResponse } from './asset-description.ts';

/** An asset in a list or in the result of a search. `fields` and `with_field` decide which members it has. */
export interface ListedAsset
  extends Omit<AssetDescription, 'tags' | 'context' | 'signature' | 'version_id' | 'placeholder'> {
  /** The part of the public ID before the last `/`; `''` without one. */
  readonly folder: string;
  /** The part of the public ID after the last `/`. */
  readonly filename: string;
  readonly uploaded_at: string;
  readonly status: 'active';
  readonly access_mode: 'public';
  /** Hex MD5 of the bytes. */
  readonly etag: string;
  /** Of images: the width divided by the height. */
  readonly aspect_ratio?: number;
  /** Of images: the width times the height. */
  readonly pixels?: number;
  readonly tags?: readonly string[];
  /** Lists have the pairs in `custom`; a search has them directly. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A page of a list. `next_cursor` is absent on the last page. */
export interface ResourcesResponse {
  readonly resources: readonly Partial<ListedAsset>[];
  readonly next_cursor?: string;
}

export interface SearchResponse extends ResourcesResponse {
  readonly total_count: number;
  /** Milliseconds that the search took. */
  readonly time: number;
}

/** One version in the details of an asset. */
export interface AssetVersion {
  readonly version_id: string;
  /** Unix seconds, as a text. */
  readonly version: string;
  readonly format: string;
  /** Bytes. */
  readonly size: number;
  readonly time: string;
  /** Whether `restore` can publish it again. */
  readonly restorable: boolean;
}

export interface AssetDetails extends ResourceResponse, Omit<ListedAsset, 'tags' | 'context'> {
  readonly versions?: readonly AssetVersion[];
  /** The cursor of the next page of `derived`. */
  readonly next_cursor?: string;
}

/** The result of a deletion for each public ID or asset ID. */
export interface DeletedResponse {
  readonly deleted: Readonly<Record<string, 'deleted' | 'not_found'>>;
  readonly deleted_counts: Readonly<Record<string, { readonly original: number; readonly derived: number }>>;
  /** Whether more assets match: repeat the call. */
  readonly partial: boolean;
  readonly next_cursor?: string;
}

export interface DeletedDerivedResponse {
  readonly deleted: Readonly<Record<string, 'deleted' | 'not_found'>>;
}

/** The result of a restore for each public ID. */
export type RestoreResponse = Readonly<Record<string, AssetDescription | { readonly error: string }>>;

export interface FolderDescription {
  readonly name: string;
  readonly path: string;
  readonly external_id: string;
}

export interface FoldersResponse {
  readonly folders: readonly FolderDescription[];
  readonly total_count: number;
  readonly next_cursor?: string;
}

/** Counts and bytes; a number without a limit has `limit` 0. */
export interface UsageResponse {
  readonly plan: string;
  /** The day of the numbers, `YYYY-MM-DD`. */
  readonly last_updated: string;
  readonly transformations: { readonly usage: number; readonly limit: number; readonly used_percent: number };
  readonly objects: { readonly usage: number };
  readonly bandwidth: { readonly usage: number };
  readonly storage: { readonly usage: number };
  readonly requests: number;
  readonly resources: number;
  readonly derived_resources: number;
  readonly media_limits: Readonly<Record<string, number>>;
}

export interface TransformationDescription {
  readonly name: string;
  readonly allowed_for_strict: boolean;
  readonly used: boolean;
  readonly named: boolean;
}

export interface TransformationDetails extends TransformationDescription {
  /** The steps of the transformation, as texts. */
  readonly info: readonly { readonly raw_transformation: string }[];
  readonly derived: readonly (DerivedRecord & { readonly public_id: string; readonly resource_type: string })[];
  readonly next_cursor?: string;
}

export interface PresetDescription {
  readonly name: string;
  readonly unsigned: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The body of each response of the Admin API with status 200, and of the commands for several assets. */
export interface AdminResponses {
  readonly ping: { readonly status: 'ok' };
  readonly config: { readonly cloud_name: string; readonly settings?: { readonly folder_mode: 'fixed' } };
  readonly usage: UsageResponse;
  readonly resource_types: { readonly resource_types: readonly string[] };
  readonly resource: Partial<AssetDetails>;
  readonly resource_by_asset_id: Partial<AssetDetails>;
  readonly resources: ResourcesResponse;
  readonly resources_by_tag: ResourcesResponse;
  readonly resources_by_context: ResourcesResponse;
  readonly resources_by_asset_folder: ResourcesResponse;
  readonly resources_by_asset_ids: ResourcesResponse;
  readonly search: SearchResponse;
  readonly update: AssetDetails;
  readonly update_by_asset_id: AssetDetails;
  readonly delete_resources: DeletedResponse;
  readonly delete_resources_by_tag: DeletedResponse;
  readonly delete_resources_by_asset_ids: DeletedResponse;
  readonly delete_derived_resources: DeletedDerivedResponse;
  readonly restore: RestoreResponse;
  readonly tags: { readonly tags: readonly string[]; readonly next_cursor?: string };
  readonly root_folders: FoldersResponse;
  readonly subfolders: FoldersResponse;
  readonly search_folders: FoldersResponse & { readonly time: number };
  readonly create_folder: FolderDescription & { readonly success: true };
  readonly delete_folder: { readonly deleted: readonly string[] };
  readonly transformations:
    | { readonly transformations: readonly TransformationDescription[]; readonly next_cursor?: string }
    | TransformationDetails;
  readonly transformation: TransformationDetails;
  readonly upload_presets: { readonly presets: readonly PresetDescription[]; readonly next_cursor?: string };
  readonly upload_preset: PresetDescription;
}

/** The body of the commands for several assets, which belong to the upload API. */
export interface CommandResponses {
  /** The public IDs of the assets that were changed. */
  readonly tags: { readonly public_ids: readonly string[] };
  readonly context: { readonly public_ids: readonly string[] };
  readonly metadata: { readonly public_ids: readonly string[] };
  readonly destroy_by_asset_id: DestroyResponse;
}
