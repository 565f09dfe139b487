import { type FormatBucket, TransformError } from '@safelight/core';
import type { ImageFormat } from '@safelight/protocol';

/** A format that this handler can write. */
export interface WrittenFormat {
  readonly contentType: string;
  readonly hasAlpha: boolean;
  /** The longest side that the format and its encoder allow, in pixels. */
  readonly maxSide: number;
}

/** The formats that this handler can write. SVG is read, but never written, because it can contain scripts. */
export const writtenFormats: Readonly<Record<ImageFormat, WrittenFormat>> = {
  jpg: { contentType: 'image/jpeg', hasAlpha: false, maxSide: 65_535 },
  png: { contentType: 'image/png', hasAlpha: true, maxSide: 65_535 },
  webp: { contentType: 'image/webp', hasAlpha: true, maxSide: 16_383 },
  avif: { contentType: 'image/avif', hasAlpha: true, maxSide: 16_384 },
  gif: { contentType: 'image/gif', hasAlpha: true, maxSide: 65_535 },
  tiff: { contentType: 'image/tiff', hasAlpha: true, maxSide: 65_535 },
};

const aliases: ReadonlyMap<string, ImageFormat> = new Map([
  ['jpeg', 'jpg'],
  ['jpe', 'jpg'],
  ['jfif', 'jpg'],
  ['tif', 'tiff'],
]);

/** The format of an extension; `undefined` if this handler cannot write it. */
export function writtenFormat(extension: string): ImageFormat | undefined {
  const name = extension.toLowerCase();
  return Object.hasOwn(writtenFormats, name) ? (name as ImageFormat) : aliases.get(name);
}

/** The facts that decide the format of a result. */
export interface FormatCriteria {
  /** The transformation's last `f_`. */
  readonly format: ImageFormat | 'auto' | undefined;
  /** The URL's extension. */
  readonly extension: string | undefined;
  /** The original's format. */
  readonly stored: string;
  /** The group of formats that the request accepts; used for `f_auto` only. */
  readonly bucket: FormatBucket | undefined;
  /** Whether the result can be transparent. */
  readonly hasAlpha: boolean;
}

/**
 * Chooses the format of a result: `f_`, otherwise the extension, otherwise the stored format. `f_auto` is AVIF or WebP
 * if the bucket says so, otherwise PNG for transparent pictures and JPEG for all others. A stored format that cannot be
 * written becomes PNG or JPEG in the same way. An SVG original becomes PNG, also with the extension `svg`.
 *
 * @throws {TransformError} `not_offered` when `f_` or the extension is a format that cannot be written
 */
export function negotiateFormat({ format, extension, stored, bucket, hasAlpha }: FormatCriteria): ImageFormat {
  const fallback = hasAlpha ? 'png' : 'jpg';
  if (format === 'auto') return bucket === 'avif' || bucket === 'webp' ? bucket : fallback;
  if (format === undefined && isOwnSvg(extension, stored)) return 'png';
  const asked = format ?? extension;
  if (asked === undefined) return stored === 'svg' ? 'png' : (writtenFormat(stored) ?? fallback);
  const written = writtenFormat(asked);
  if (written === undefined) throw new TransformError('not_offered', `This format is not offered: ${asked}`);
  return written;
}

/**
 * Refuses an extension that cannot be written, before the original is opened.
 *
 * @throws {TransformError} `not_offered`
 */
export function checkExtension(extension: string | undefined, stored: string): void {
  if (extension === undefined || writtenFormat(extension) !== undefined || isOwnSvg(extension, stored)) return;
  throw new TransformError('not_offered', `This format is not offered as extension: ${extension}`);
}

function isOwnSvg(extension: string | undefined, stored: string): boolean {
  return stored === 'svg' && extension?.toLowerCase() === 'svg';
}
