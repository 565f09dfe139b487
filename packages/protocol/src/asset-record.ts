import type { ResourceType } from './delivery.ts';

/** A derivative, as the Admin API lists it. */
export interface DerivedRecord {
  readonly id: string;
  /** Canonical text, such as `c_scale,w_300`. */
  readonly transformation: string;
  readonly format: string;
  readonly bytes: number;
  readonly url: string;
  readonly secure_url: string;
}

/** The Admin API's response about one asset, with Cloudinary's field names. Later versions may add fields. */
export interface AssetRecord {
  readonly asset_id: string;
  readonly public_id: string;
  /** Unix seconds of the current version. */
  readonly version: number;
  readonly resource_type: ResourceType;
  readonly type: 'upload';
  /** ISO 8601, UTC, whole seconds. */
  readonly created_at: string;
  readonly bytes: number;
  readonly url: string;
  readonly secure_url: string;
  readonly format?: string;
  /** Pixels as displayed, of images. */
  readonly width?: number;
  readonly height?: number;
  /** Hex MD5 of the bytes. */
  readonly etag?: string;
  readonly tags?: readonly string[];
  readonly context?: { readonly custom: Readonly<Record<string, string>> };
  readonly asset_folder?: string;
  readonly display_name?: string;
  readonly derived?: readonly DerivedRecord[];
  readonly next_cursor?: string;
}

/**
 * The status route's response: whether an original exists, and which version is current. The request has no side
 * effects. `pending` means that an upload of the original is in progress in the process that responds; other processes
 * do not know about that upload.
 */
export type AssetStatus =
  | { readonly exists: false; readonly pending?: true }
  | ({ readonly exists: true } & AssetRecord);
