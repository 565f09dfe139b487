import type { CommandResponses } from './admin-responses.ts';
import type { ResourceType } from './delivery.ts';
import type { Diagnosis } from './diagnosis.ts';

/** An asset as every operation describes it, with Cloudinary's field names. Later versions may add fields. */
export interface AssetDescription {
  readonly asset_id: string;
  readonly public_id: string;
  /** Unix seconds; no two uploads of one asset have the same. Use it in URLs. */
  readonly version: number;
  readonly version_id: string;
  /** Hex signature of public ID and version (`uploadStringToSign`, version 1). Present if the server has a secret. */
  readonly signature?: string;
  /** Pixels as displayed, of images. */
  readonly width?: number;
  readonly height?: number;
  /** Absent for a raw file without extension. */
  readonly format?: string;
  readonly resource_type: ResourceType;
  /** ISO 8601, UTC, whole seconds. */
  readonly created_at: string;
  readonly tags: readonly string[];
  readonly bytes: number;
  readonly type: 'upload';
  readonly placeholder: boolean;
  /** URL of the original at this version. */
  readonly url: string;
  readonly secure_url: string;
  readonly asset_folder: string;
  readonly display_name: string;
  readonly context?: { readonly custom: Readonly<Record<string, string>> };
  /** Structured metadata, by the external ID of each field. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

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

export interface DestroyResponse {
  readonly result: 'ok' | 'not found';
}

/** A derivative as the Admin API lists it. */
export interface DerivedRecord {
  readonly id: string;
  readonly transformation: string;
  readonly format: string;
  readonly bytes: number;
  readonly url: string;
  readonly secure_url: string;
}

export interface ResourceResponse extends AssetDescription {
  readonly etag: string;
  readonly derived: readonly DerivedRecord[];
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
  readonly ping: { readonly status: 'ok' };
  readonly why: Diagnosis;
  readonly asset_status: AssetStatus;
  readonly received_parts: ReceivedParts;
}

/** The body of an error of the upload API, the Admin API and the control routes. */
export interface ApiErrorBody {
  readonly error: { readonly message: string };
}

/** A body that was received and is not checked yet: its fields may be absent, and their values may be of any type. */
export type Received<Body> = { readonly [Field in Body extends unknown ? keyof Body : never]?: unknown };
