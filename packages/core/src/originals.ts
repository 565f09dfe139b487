import type { Readable } from 'node:stream';
import type { ResourceType } from '@safelight/protocol';
import type { ReceivedBytes } from './received-bytes.ts';
import type { RememberedCalls } from './remembered-calls.ts';
import type { UnfinishedUploads } from './unfinished-uploads.ts';

export interface AssetId {
  readonly resourceType: ResourceType;
  readonly publicId: string;
}

/** The facts of an asset that can change without a new upload. Absent ones are not set. */
export interface AssetFacts {
  readonly displayName?: string;
  /** A folder of a person's own order, without a meaning for URLs: `products/shoes`. Absent: the top folder. */
  readonly assetFolder?: string;
  readonly tags?: readonly string[];
  readonly context?: Readonly<Record<string, string>>;
  /** Structured metadata, as the text that was sent. Safelight does not read it. */
  readonly metadata?: string;
}

/**
 * The record of one version of an original. Only its `AssetFacts` can change after it was published, and only while it is
 * the current version.
 */
export interface OriginalRecord extends AssetId, AssetFacts {
  /**
   * Time of the upload in Unix seconds. Increased if necessary: it is greater than each earlier version of the asset,
   * including destroyed ones.
   */
  readonly version: number;
  /**
   * 32 hex digits, the same for all versions of an asset, also after a rename. After a destroy or a rename, the next
   * upload under the old public ID gets a new one.
   */
  readonly assetId: string;
  /** 32 hex digits, different for each version. */
  readonly versionId: string;
  /**
   * Canonical extension (`jpg`, not `jpeg`), detected from the bytes. For raw files: the uploaded name's extension, or
   * `''`.
   */
  readonly format: string;
  /** Length of the bytes. */
  readonly bytes: number;
  /** Width in pixels as displayed (EXIF orientation applied); absent when the bytes are not a picture. */
  readonly width?: number;
  /** Height in pixels as displayed; absent when the bytes are not a picture. */
  readonly height?: number;
  /** Hex MD5 of the bytes (what the upload API calls `etag`). */
  readonly etag: string;
  /** Time of the upload in epoch milliseconds. */
  readonly createdAt: number;
  readonly originalFilename?: string;
}

/** One version of an original, with access to its bytes. */
export interface Original extends OriginalRecord {
  /** Absolute path, if the bytes are on this machine's disk. */
  readonly localPath: string | undefined;
  /**
   * Absolute path of a local file with the bytes, which are fetched first if necessary. Open it soon, and do not change it. Call
   * this only if `localPath` is `undefined`.
   * @returns `undefined` when there is no room for the file: then use `stream` or `bytesOf`
   */
  toFile?(): Promise<string | undefined>;
  /**
   * The bytes from `start` (default: 0) up to but not including `end` (default: the length). The first read opens them.
   * The stream fails if the version was destroyed or removed after `find` returned it. A newer version may exist: call
   * `find` again.
   */
  stream(start?: number, end?: number): Readable;
  /** All bytes. */
  bytesOf(): Promise<Buffer>;
}

/** The members of a record that the caller of `publish` provides. */
export type PublishedFacts = Omit<OriginalRecord, 'version' | 'versionId' | 'assetId' | 'bytes' | 'etag' | 'createdAt'>;

export interface PublishOnceOptions {
  /** 32 random hex digits. An asset gets at most one version under a name. */
  readonly name: string;
  /** Whether an asset that exists may get a new version. */
  readonly mayReplace: boolean;
}

/** What `publishOnce` has published, now or before. */
export interface PublishedOnce {
  /** The original; the current one when `isExisting`. */
  readonly original: Original;
  /** The asset existed before, and might not be replaced: nothing is published under the name. */
  readonly isExisting: boolean;
  /** The asset existed before, and this is its new version. */
  readonly hasReplaced: boolean;
}

/** The port to the storage of originals. */
export interface Originals {
  /**
   * Finds the current version, or exactly `version`. Never writes.
   * @returns `undefined` when the version does not exist or was destroyed
   * @throws when this cannot be determined (too many open files, no permission); the original may exist
   */
  find(asset: AssetId, version?: number): Promise<Original | undefined>;
  /**
   * Writes the bytes to a temporary file and makes them durable. The file is removed if this rejects.
   * @throws {PayloadTooLargeError} when more than `maxBytes` arrive
   * @throws the signal's reason when the signal aborts, also while the source sends nothing
   */
  receive(
    source: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<ReceivedBytes>;
  /**
   * Publishes a new version: an immutable record, created exclusively. It is visible and durable when this resolves.
   * Received bytes can be published once. When this rejects, the caller may try again or discard them.
   */
  publish(received: ReceivedBytes, facts: PublishedFacts): Promise<Original>;
  /**
   * Publishes like `publish`, but once for each name, also when several processes do it at the same time, and when a process
   * is killed at any step. Further calls return what the first one has published, also if it was replaced or destroyed since.
   * A name is remembered for at least an hour. Without this function, a call that is repeated after a crash publishes twice.
   */
  publishOnce?(received: ReceivedBytes, facts: PublishedFacts, options: PublishOnceOptions): Promise<PublishedOnce>;
  /**
   * Publishes a deletion, which hides all existing versions permanently.
   * @returns `false` when no version was visible
   */
  destroy(asset: AssetId): Promise<boolean>;
  /**
   * Publishes the current version under the ID `to` with a new version number, then a deletion under `from`. All other
   * members stay the same, also `assetId` and `createdAt`. If `from` equals `to`, nothing is written: the result is the
   * current version, or `'taken'` without `overwrite`.
   * @returns the original under its new ID; `undefined` when `from` does not exist; `'taken'` when `to` exists and
   *   `overwrite` is false
   */
  rename(from: AssetId, to: AssetId, options: { readonly overwrite: boolean }): Promise<Original | undefined | 'taken'>;
  /**
   * Changes the facts of the current version. They belong to this version: a new upload has its own facts, and a rename
   * takes them along. Changes at the same time are made one after the other, also those of several processes.
   *
   * @param change - gets the facts and returns all new ones. After a lost race it is called again, and the facts may have
   *   its first result in them already (a rename at the same time took it along): to add a tag, do not add it twice
   * @returns the original with its new facts; `undefined` when the asset does not exist
   */
  changeFacts(asset: AssetId, change: (facts: AssetFacts) => AssetFacts): Promise<Original | undefined>;
  /** The versions that can be delivered, newest first; none when the asset does not exist. */
  versions(asset: AssetId): Promise<readonly OriginalRecord[]>;
  /**
   * Publishes the bytes of an older version as a new version, with the facts of the older one. The asset ID stays that of
   * the current version. The number is the next one, without regard to the time.
   *
   * @returns `undefined` when the asset does not exist, or the version cannot be delivered
   */
  restore(asset: AssetId, version: number): Promise<Original | undefined>;
  /**
   * Lists the current version of each asset, in no order, one at a time. An asset that changes meanwhile is listed in its
   * earlier or its later state; one that is published or destroyed meanwhile may be missing or listed.
   */
  list(): AsyncIterable<OriginalRecord>;
  /**
   * Stores the parts of unfinished uploads at the same place. Without it, parts are temporary files, which only the process
   * that has received them knows.
   */
  readonly unfinished?: UnfinishedUploads | undefined;
  /**
   * Remembers calls at the same place. Without it, a process does not know the calls that other processes, or an earlier one,
   * have received.
   */
  readonly calls?: RememberedCalls | undefined;
}

/**
 * `Originals.receive` rejects with this error when an upload is larger than its limit.
 *
 * @example
 * const error = new PayloadTooLargeError(1_000_000);
 * error.message; // 'More than 1000000 bytes arrived. Send a smaller file or raise the limit.'
 * error.maxBytes; // 1000000
 */
export class PayloadTooLargeError extends Error {
  override readonly name = 'PayloadTooLargeError' as const;
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`More than ${maxBytes} bytes arrived. Send a smaller file or raise the limit.`);
    this.maxBytes = maxBytes;
  }
}
