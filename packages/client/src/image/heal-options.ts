import type { TransformationInput } from '../transformation-input.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import type { PictureAttrs } from './picture.ts';

/**
 * - `preview`: the file itself is shown while it is uploaded
 * - `loading`: the picture is requested
 * - `shown`: the picture is shown
 * - `waiting`: the picture failed, and is requested again when its failure has expired
 * - `gave-up`: the upload failed, waiting cannot help, or the next request would be later than `maxWaitMs`; `retry()`
 *   starts again
 */
export type HealState = 'preview' | 'loading' | 'shown' | 'waiting' | 'gave-up';

export interface HealDetail {
  /** The server's code for the failure, when it is known. */
  readonly code?: string | undefined;
  /** With `waiting`: the time until the picture is requested again. */
  readonly retryInMs?: number | undefined;
  /** With `gave-up`: the error of the upload, or of `attrs`. */
  readonly error?: unknown;
}

export interface HealOptions {
  /** The transformation for `asset.url()`. */
  readonly transformation?: TransformationInput | undefined;
  /** In place of `transformation`, for several sizes: `(asset) => imgAttrs(asset, { width: 600, alt: 'A cat' })`. */
  readonly attrs?: ((asset: UploadedAsset) => PictureAttrs) | undefined;
  /**
   * The picture that is shown during the upload; `preview` is the file itself.
   * @default 'preview'
   */
  readonly placeholder?: 'preview' | 'none' | undefined;
  /**
   * The maximum time to wait for a picture that fails.
   * @default 300_000
   */
  readonly maxWaitMs?: number | undefined;
  readonly onState?: ((state: HealState, detail: HealDetail) => void) | undefined;
}

export type ReportState = (state: HealState, detail?: HealDetail) => void;
