import type { Readable } from 'node:stream';
import type { ResourceType } from '@safelight/protocol';

export interface AssetId {
  readonly resourceType: ResourceType;
  readonly publicId: string;
}

/** What is known of one version of an original; immutable once published. */
export interface OriginalRecord extends AssetId {
  /** Unix seconds of the upload, made unique: later than every earlier version of the asset, destroyed ones included. */
  readonly version: number;
  /** 32 hex digits; the same for every version of an asset and kept by a rename. After a destroy or a rename the ID starts anew. */
  readonly assetId: string;
  /** 32 hex digits, one per version. */
  readonly versionId: string;
  /** Canonical extension of the bytes (`jpg`, not `jpeg`), as sniffed; for raw files that of the uploaded name, or ''. */
  readonly format: string;
  /** Length of the bytes. */
  readonly bytes: number;
  /** Pixels as displayed (EXIF orientation applied); absent when the bytes are not a picture. */
  readonly width?: number;
  readonly height?: number;
  /** Hex MD5 of the bytes (what the upload API calls `etag`). */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly originalFilename?: string;
  readonly displayName?: string;
  readonly tags?: readonly string[];
  readonly context?: Readonly<Record<string, string>>;
}

/** A readable original. */
export interface Original extends OriginalRecord {
  /** Absolute path when the bytes lie on this machine's disk. */
  readonly localPath: string | undefined;
  /**
   * The bytes from `start` (default 0) to before `end` (default: all). Opened at the first read. Fails when the version
   * was destroyed since it was found, or removed because newer uploads took its place. That does not mean that the
   * original is missing: call `find` again.
   */
  stream(start?: number, end?: number): Readable;
  bytesOf(): Promise<Buffer>;
}

/** Bytes that are durable but not visible yet. */
export interface ReceivedBytes {
  readonly bytes: number;
  /** Hex MD5. */
  readonly etag: string;
  /** Absolute path of the temporary object, for probing. */
  readonly localPath: string;
  /** Removes the temporary object; does nothing once published. */
  discard(): Promise<void>;
}

export type PublishedFacts = Omit<OriginalRecord, 'version' | 'versionId' | 'assetId' | 'bytes' | 'etag' | 'createdAt'>;

export interface Originals {
  /**
   * The current version, or exactly `version`; `undefined` when it does not exist or was destroyed. Never writes.
   * Rejects when it cannot tell (too many open files, no permission): an error does not mean that it does not exist.
   */
  find(asset: AssetId, version?: number): Promise<Original | undefined>;
  /**
   * Streams bytes to a temporary object and makes them durable.
   * @throws {PayloadTooLargeError} when more than `maxBytes` arrive; nothing stays behind
   * @throws the signal's reason when it aborts, even while the source is silent; nothing stays behind
   */
  receive(
    source: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<ReceivedBytes>;
  /**
   * Publishes a new version: an immutable record, created exclusively. It is visible and durable when this resolves.
   * What was received can be published once; when this rejects it may be tried again, or discarded.
   */
  publish(received: ReceivedBytes, facts: PublishedFacts): Promise<Original>;
  /** Publishes "gone": hides every version that is there, for good. `false` when there was nothing to destroy. */
  destroy(asset: AssetId): Promise<boolean>;
  /**
   * Publishes the current version under another ID (a new version number there), then "gone" under the old one. Facts,
   * `assetId` and `createdAt` are kept. To its own ID: the current version as it is, or `'taken'` without `overwrite`.
   * @returns the record under its new ID; `undefined` when `from` does not exist; `'taken'` when `to` exists and may not be overwritten
   */
  rename(from: AssetId, to: AssetId, options: { readonly overwrite: boolean }): Promise<Original | undefined | 'taken'>;
}

export class PayloadTooLargeError extends Error {
  override readonly name = 'PayloadTooLargeError' as const;
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`More than ${maxBytes} bytes arrived. Send a smaller file or raise the limit.`);
    this.maxBytes = maxBytes;
  }
}
