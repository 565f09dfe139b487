import type { ResourceType } from './delivery.ts';

/** A derivative that an upload made in advance (`eager`). */
export interface EagerResult {
  readonly transformation: string;
  readonly url: string;
  readonly secure_url: string;
  readonly width?: number;
  readonly height?: number;
  readonly bytes?: number;
  readonly format?: string;
}

/**
 * The response to an upload, an update (`explicit`) or a rename, with Cloudinary's field names. Later versions may add
 * fields.
 */
export interface UploadResult {
  readonly asset_id: string;
  readonly public_id: string;
  /** Unix seconds; no two uploads of one asset have the same. Use it in URLs. */
  readonly version: number;
  readonly version_id: string;
  /** Hex signature of public ID and version (`uploadStringToSign`, version 1). Present if the server has a secret. */
  readonly signature?: string;
  readonly resource_type: ResourceType;
  readonly type: 'upload';
  /** ISO 8601, UTC, whole seconds. */
  readonly created_at: string;
  readonly bytes: number;
  /** URL of the original at this version. */
  readonly url: string;
  readonly secure_url: string;
  readonly tags: readonly string[];
  readonly placeholder: boolean;
  /** Absent for a raw file without extension. */
  readonly format?: string;
  /** Pixels as displayed, of images. */
  readonly width?: number;
  readonly height?: number;
  /** The number of frames or pages. */
  readonly pages?: number;
  /** Hex MD5 of the bytes. */
  readonly etag?: string;
  readonly original_filename?: string;
  readonly asset_folder?: string;
  readonly display_name?: string;
  readonly eager?: readonly EagerResult[];
  readonly context?: { readonly custom: Readonly<Record<string, string>> };
  /** Whether this original replaced an older one. */
  readonly overwritten?: boolean;
  /** Whether the asset already had an original, which this call left unchanged (`overwrite=false`). */
  readonly existing?: boolean;
}

/** The response to `destroy`. */
export interface DestroyResult {
  readonly result: 'ok' | 'not found';
}

/** The error response of the Upload API and the Admin API. */
export interface ApiErrorBody {
  readonly error: { readonly message: string };
}
