import type { ResourceType } from './delivery.ts';

/** One derivation that an upload made ahead of time. */
export interface EagerResult {
  readonly transformation: string;
  readonly url: string;
  readonly secure_url: string;
  readonly width?: number;
  readonly height?: number;
  readonly bytes?: number;
  readonly format?: string;
}

/** What uploading, updating (`explicit`) and renaming answer, in Cloudinary's field names; fields may be added. */
export interface UploadResult {
  readonly asset_id: string;
  readonly public_id: string;
  /** Unix seconds, unique for the asset: put it into URLs. */
  readonly version: number;
  readonly version_id: string;
  /** Hex; over public ID and version (`uploadStringToSign`, version 1), when the server has a secret. */
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
  /** Absent for raw files without extension. */
  readonly format?: string;
  /** Pixels as displayed, of images. */
  readonly width?: number;
  readonly height?: number;
  /** Frames or pages. */
  readonly pages?: number;
  /** Hex MD5 of the bytes. */
  readonly etag?: string;
  readonly original_filename?: string;
  readonly asset_folder?: string;
  readonly display_name?: string;
  readonly eager?: readonly EagerResult[];
  readonly context?: { readonly custom: Readonly<Record<string, string>> };
  /** The public ID had an original before, which this one replaced. */
  readonly overwritten?: boolean;
  /** The public ID had an original, which was kept (`overwrite=false`). */
  readonly existing?: boolean;
}

/** What `destroy` answers. */
export interface DestroyResult {
  readonly result: 'ok' | 'not found';
}

/** How the upload and Admin API say that something failed. */
export interface ApiErrorBody {
  readonly error: { readonly message: string };
}
