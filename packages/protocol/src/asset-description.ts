import type { ResourceType } from './delivery.ts';

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

export interface DestroyResponse {
  readonly result: 'ok' | 'not found';
}
