import type { AdminResponses, CommandResponses } from './admin-responses.ts';
import type { AssetDescription, DestroyResponse, ResourceResponse } from './asset-description.ts';
import type { ResourceType } from './delivery.ts';
import type { Diagnosis } from './diagnosis.ts';

/** A derivative that a call makes in advance (`eager`). */
export interface EagerDerivative {
  /** Absent when it was made. `processing`: it is made after the response. */
  readonly status?: 'processing' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
  readonly transformation: string;
  readonly url: string;
  readonly secure_url: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly bytes?: number;
  readonly format?: string;
}

export interface UploadResponse extends AssetDescription {
  /** Hex MD5 of the bytes. */
  readonly etag: string;
  /** The number of frames or pages of an image. */
  readonly pages?: number;
  readonly original_filename?: string;
  readonly eager?: readonly EagerDerivative[];
  /** This original replaced an older one. */
  readonly overwritten?: true;
  /** The asset already had an original, which this call left unchanged (`overwrite=false`). */
  readonly existing?: true;
  /** The key that the call was signed with. */
  readonly api_key?: string;
}

/** The response to a part that does not complete an upload. */
export interface PartResponse {
  readonly done: false;
  /** How many bytes of the upload have arrived. */
  readonly bytes: number;
  readonly public_id?: string;
  readonly resource_type: ResourceType | 'auto';
  readonly kind: 'upload';
}

export interface ExplicitResponse extends AssetDescription {
  readonly eager?: readonly EagerDerivative[];
}

/** What a page needs of an asset to build its URLs. */
export type PublicAsset = Pick<
  AssetDescription,
  'public_id' | 'resource_type' | 'type' | 'version' | 'format' | 'width' | 'height' | 'bytes'
>;

/**
 * Whether an original exists and which version is current. `pending`: it is being uploaded right now, to the process that
 * responds; other processes do not know that. Calls with key and secret get the whole description.
 */
export type AssetStatus =
  | { readonly exists: false; readonly pending?: true }
  | ({ readonly exists: true } & PublicAsset & Partial<Omit<ResourceResponse, 'derived'>>);

/**
 * The parts of an upload that a server has. The request names the upload in the header `X-Unique-Upload-Id`, which is never
 * part of a URL: the ID lets its holder add parts. An unknown ID has no parts and no total.
 */
export interface ReceivedParts {
  /**
   * The range of each part, in the order of the file, without overlaps. `end` is exclusive. Parts that follow each other are
   * not joined: a part can be repeated with exactly its range. After the upload is complete, and as long as its response
   * is remembered, all parts are here; a repeat of the last one gets that response.
   */
  readonly received: readonly { readonly start: number; readonly end: number }[];
  /** Bytes of the whole file; `null` until a part has stated them. */
  readonly total: number | null;
}

/** The response to an unsigned upload of an ID that is taken: only what every client may know of the asset. */
export type ExistingUploadResponse = PublicAsset &
  Pick<AssetDescription, 'url' | 'secure_url'> & { readonly existing: true };

/** The body of each operation's response with status 200. */
export interface ApiResponses {
  readonly upload: UploadResponse | ExistingUploadResponse | PartResponse;
  readonly explicit: ExplicitResponse;
  readonly rename: AssetDescription;
  readonly destroy: DestroyResponse;
  readonly tags: CommandResponses['tags'];
  readonly context: CommandResponses['context'];
  readonly metadata: CommandResponses['metadata'];
  readonly destroy_by_asset_id: DestroyResponse;
  readonly resource: ResourceResponse;
  readonly resources: AdminResponses['resources'];
  readonly resources_by_tag: AdminResponses['resources'];
  readonly resources_by_context: AdminResponses['resources'];
  readonly resources_by_asset_folder: AdminResponses['resources'];
  readonly search: AdminResponses['search'];
  readonly ping: { readonly status: 'ok' };
  readonly why: Diagnosis;
  readonly asset_status: AssetStatus;
  readonly received_parts: ReceivedParts;
  /** An OpenAPI 3.1 document. */
  readonly openapi: Readonly<Record<string, unknown>>;
}

/** The body of an error of the upload API, the Admin API and the control routes. */
export interface ApiErrorBody {
  readonly error: { readonly message: string };
}

/** A body that was received and is not checked yet: its fields may be absent, and their values may be of any type. */
export type Received<Body> = { readonly [Field in Body extends unknown ? keyof Body : never]?: unknown };
