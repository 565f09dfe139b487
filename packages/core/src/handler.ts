import type { Readable } from 'node:stream';
import type { Delivery, ImageFormat } from '@safelight/protocol';
import type { Original } from './originals.ts';
import type { RunClients } from './run-clients.ts';

/**
 * The best format that `Accept` of the request allows; `other` for the formats that every browser reads. All requests
 * of one bucket get the same response, so that a cache needs one variant per bucket and not one per field value.
 */
export type FormatBucket = 'avif' | 'webp' | 'other';

/** A handler rejects with `too_many_pixels` for a picture that is larger. */
export interface HandlerLimits {
  /** Pixels of the original. @default 100_000_000 */
  readonly maxInputPixels: number;
  /** Pixels of the derivative. @default 25_000_000 */
  readonly maxOutputPixels: number;
}

/** The context that a handler gets with each call. */
export interface HandlerContext {
  readonly original: Original;
  /** Defined only when the delivery asks for `f_auto`. */
  readonly bucket: FormatBucket | undefined;
  /** Aborts when the run takes longer than its timeout. */
  readonly signal: AbortSignal;
  readonly limits: HandlerLimits;
  /**
   * The clients that wait for the derivative, so that a handler can give them their turns. A cloud names them by their
   * addresses.
   * @default no client waits, for example because an upload asked for the derivative
   */
  readonly clients?: RunClients | undefined;
  /**
   * Set when the derivative is shown instead of a missing picture, which any client can ask for. `configured`: the original
   * is the image of the option `placeholder`, which is trusted. `named`: the original is the asset that `d_` in the URL
   * names. A cloud asks for one placeholder at a time; a handler can make it beside its pictures.
   * @default the derivative is the picture itself
   */
  readonly placeholder?: 'configured' | 'named' | undefined;
}

/** The result of a handler. */
export interface Derivative {
  readonly contentType: string;
  readonly format: ImageFormat | (string & {});
  readonly body: Buffer | Readable;
  /** Length of a stream, if known. */
  readonly bytes?: number;
  /** A digest of the bytes of a stream, if known (hex or base64url). */
  readonly digest?: string;
  /**
   * Reads from `start` up to but not including `end`, for bytes that are stored elsewhere, such as the bytes of the
   * original. They are sent from there, also for range requests, and are not cached a second time. Requires `bytes`.
   */
  readonly read?: (start: number, end: number) => Readable;
  /** Width in pixels, if known. */
  readonly width?: number;
  /** Height in pixels, if known. */
  readonly height?: number;
}

/** The properties of a picture, read from its header. */
export interface ProbedPicture {
  /** Canonical extension: `jpg`, `png`, `webp`, `avif`, `gif`, `tiff`, `svg`. */
  readonly format: string;
  /** Width in pixels as displayed (EXIF orientation applied). */
  readonly width: number;
  /** Height in pixels as displayed. */
  readonly height: number;
  /** Number of frames or pages. */
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
   * Changes when the handler makes other derivatives or fails in other cases than before. A cloud then forgets what the
   * earlier version has made and failed at. @default the handler never changes
   */
  readonly version?: string;
  /**
   * Reads the header of an uploaded picture. An upload for which it throws gets status 400.
   * @default every upload is accepted
   * @throws {TransformError} `invalid_original`, `too_many_pixels` or `too_complex`
   */
  readonly probe?: (localPath: string) => Promise<ProbedPicture>;
}
