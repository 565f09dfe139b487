import type { FormatBucket } from '@safelight/core';
import type { ImageFormat } from '@safelight/protocol';

export interface WrittenFormat {
  readonly contentType: string;
  readonly hasAlpha: boolean;
  /** The longest side that the format (or its encoder here) can hold, in pixels. */
  readonly maxSide: number;
}

/** What this handler can write. SVG is read and never written: it can carry scripts. */
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

/** The format that an extension names, if this handler can write it. */
export function writtenFormat(extension: string): ImageFormat | undefined {
  const name = extension.toLowerCase();
  return Object.hasOwn(writtenFormats, name) ? (name as ImageFormat) : aliases.get(name);
}

export interface FormatWishes {
  /** The transformation's last `f_`. */
  readonly format: ImageFormat | 'auto' | undefined;
  /** The URL's extension. */
  readonly extension: string | undefined;
  /** The original's format. */
  readonly stored: string;
  /** What the request accepts; counts for `f_auto` only. */
  readonly bucket: FormatBucket | undefined;
  /** Whether the result can be transparent. */
  readonly hasAlpha: boolean;
}

/**
 * Chooses the format of a result: `f_` goes before the extension, that before the stored format. `f_auto` is the bucket's
 * format, and where neither AVIF nor WebP is accepted, PNG for transparent pictures and JPEG for all others. What cannot
 * be written (`svg`, `heic`, `pdf` …) becomes PNG or JPEG in the same way; an SVG original without a wish becomes PNG.
 */
export function negotiateFormat({ format, extension, stored, bucket, hasAlpha }: FormatWishes): ImageFormat {
  const fallback = hasAlpha ? 'png' : 'jpg';
  if (format === 'auto') return bucket === 'avif' || bucket === 'webp' ? bucket : fallback;
  if (format !== undefined) return writtenFormat(format) ?? fallback;
  const wanted = extension ?? stored;
  if (stored === 'svg' && wanted.toLowerCase() === 'svg') return 'png';
  return writtenFormat(wanted) ?? fallback;
}
