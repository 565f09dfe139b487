import type { Readable } from 'node:stream';
import type { Delivery, ImageFormat } from '@safelight/protocol';
import type { Original } from './originals.ts';

/** What the request's `Accept` allows beyond what every browser reads; one bucket per answer, never the raw header. */
export type FormatBucket = 'avif' | 'webp' | 'other';

export interface HandlerLimits {
  /** @default 100_000_000 */
  readonly maxInputPixels: number;
  /** @default 25_000_000 */
  readonly maxOutputPixels: number;
}

export interface HandlerContext {
  readonly original: Original;
  /** Set only when the delivery asks for `f_auto`. */
  readonly bucket: FormatBucket | undefined;
  /** Aborts when the run's time is over or no request waits any more. */
  readonly signal: AbortSignal;
  readonly limits: HandlerLimits;
}

/** A derivation's bytes. */
export interface Derivative {
  readonly contentType: string;
  readonly format: ImageFormat | (string & {});
  readonly body: Buffer | Readable;
  /** Of a stream, where known: its length, and a digest that stands for its bytes (hex or base64url). */
  readonly bytes?: number;
  readonly digest?: string;
  /**
   * Of bytes that lie somewhere already, such as the original's own: reads from `start` to before `end`. They are sent
   * from there, in parts where a part is asked for, and not kept a second time. Needs `bytes`.
   */
  readonly read?: (start: number, end: number) => Readable;
  /** Pixels, where known. */
  readonly width?: number;
  readonly height?: number;
}

/** What can be told of a picture from its header. */
export interface ProbedPicture {
  /** Canonical extension: `jpg`, `png`, `webp`, `avif`, `gif`, `tiff`, `svg`. */
  readonly format: string;
  /** Pixels as displayed (EXIF orientation applied). */
  readonly width: number;
  readonly height: number;
  /** Frames or pages. */
  readonly pages: number;
}

/**
 * Makes a derivative from an original.
 * @throws {TransformError} with a code (`bad_transformation`, `invalid_original`, `too_many_pixels` …); any other
 *   error counts as `handler_failed`
 */
export interface Handler {
  (delivery: Delivery, context: HandlerContext): Promise<Derivative>;
  /**
   * Reads a picture's header; uploads that it refuses are answered with 400. Without it every upload is taken as it is.
   * @throws {TransformError} `invalid_original` or `too_many_pixels`
   */
  readonly probe?: (localPath: string) => Promise<ProbedPicture>;
}
