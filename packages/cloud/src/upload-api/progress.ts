import type { Original } from '@safelight/core';

/** What a call has changed already and does not change again when it is repeated. */
export interface Progress {
  /** An upload that is published, though perhaps not confirmed. */
  stored: StoredUpload;
  renamed: Original;
  destroyed: true;
}

/** What has become of an upload's file. */
export interface StoredUpload {
  readonly original: Original;
  /** The ID was taken and nothing was replaced. */
  readonly existing: boolean;
  /** The ID was taken and this is its new version. */
  readonly overwritten: boolean;
  /** Of a picture. */
  readonly pages: number | undefined;
}
