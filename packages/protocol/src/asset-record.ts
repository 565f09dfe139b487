import type { ResourceType } from './delivery.ts';

/** A derivative as the Admin API lists it. */
export interface DerivedRecord {
  readonly id: string;
  readonly transformation: string;
  readonly format: string;
  readonly bytes: number;
  readonly url: string;
  readonly secure_url: string;
}

/** What the Admin API answers for one asset, in Cloudinary's field names; fields may be added. */
export interface AssetRecord {
  readonly asset_id: string;
  readonly public_id: string;
  readonly version: number;
  readonly resource_type: ResourceType;
  readonly type: 'upload';
  /** ISO 8601, UTC, whole seconds. */
  readonly created_at: string;
  readonly bytes: number;
  readonly url: string;
  readonly secure_url: string;
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  readonly etag?: string;
  readonly tags?: readonly string[];
  readonly context?: { readonly custom: Readonly<Record<string, string>> };
  readonly asset_folder?: string;
  readonly display_name?: string;
  readonly derived?: readonly DerivedRecord[];
  readonly next_cursor?: string;
}

/**
 * What the status route answers: whether an original exists and which version is current. Asking changes nothing. `pending`:
 * it is being uploaded right now, to the process that answers; others do not know that.
 */
export type AssetStatus =
  | { readonly exists: false; readonly pending?: true }
  | ({ readonly exists: true } & AssetRecord);
