import type { AssetId, Original, OriginalRecord } from '@safelight/core';

/** The completed steps of a call, which are not repeated when the call is. They are stored as JSON. */
export interface Progress {
  /** A published upload, which may not be confirmed yet. */
  stored: StoredUpload;
  renamed: OriginalRecord;
  destroyed: AssetId;
}

/** The result of publishing an upload. */
export interface StoredUpload {
  readonly original: OriginalRecord;
  /** Whether the asset existed already and was not replaced. */
  readonly existing: boolean;
  /** Whether the asset existed already and this is its new version. */
  readonly overwritten: boolean;
  /** The number of pages of a picture. */
  readonly pages: number | undefined;
}

/** The record of an original, without the functions that read its bytes and without its path. */
export function recordOf({
  localPath: _path,
  stream: _stream,
  bytesOf: _bytesOf,
  ...record
}: Original): OriginalRecord {
  return record;
}
