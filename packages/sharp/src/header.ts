import { open, readFile } from 'node:fs/promises';
import { type HandlerLimits, invalidOriginal } from '@safelight/core';
import sharp, { type Metadata } from 'sharp';
import { tooManyPixels } from './limits.ts';
import type { PixelSize } from './pixel-size.ts';
import { fromSharpError, invalidImageFile } from './sharp-error.ts';

/** What is known of a picture before its pixels are decoded. */
export interface Header {
  /** Canonical extension. */
  readonly format: string;
  /** As displayed (EXIF orientation applied). */
  readonly displayed: PixelSize;
  /** As its pixels lie in the file. */
  readonly stored: PixelSize;
  readonly pages: number;
  readonly hasAlpha: boolean;
  /** Pixels are grey values without colour. */
  readonly isGrey: boolean;
  /** What sharp may read: a path on disk or the bytes. */
  readonly input: string | Buffer;
}

/** sharp's names of the decoders that may be used, and our extensions. libvips' own format is not among them. */
const formats: ReadonlyMap<string, string> = new Map([
  ['jpeg', 'jpg'],
  ['png', 'png'],
  ['webp', 'webp'],
  ['gif', 'gif'],
  ['tiff', 'tiff'],
  ['heif', 'avif'],
  ['svg', 'svg'],
]);

/**
 * Reads a picture's header, and nothing of its pixels.
 * @param input path or bytes
 * @throws {TransformError} `invalid_original` when it is no picture that can be read
 */
export async function readHeader(input: string | Buffer): Promise<Header> {
  await refuseCompressed(input);
  const metadata = await readMetadata(input);
  // The same container holds AVIF and HEIC, and sharp's builds have no decoder for the latter.
  const isHeic = metadata.format === 'heif' && metadata.compression !== 'av1';
  const format = isHeic ? undefined : formats.get(metadata.format);
  if (format === undefined) throw invalidOriginal(invalidImageFile);
  // librsvg resolves references relative to an SVG's path and would draw its neighbours on disk; bytes have no path.
  if (format === 'svg' && typeof input === 'string') return readHeader(await readFile(input));
  const { autoOrient, width, height, pages = 1, hasAlpha, space } = metadata;
  return {
    format,
    displayed: { width: autoOrient.width, height: autoOrient.height },
    stored: { width, height },
    pages,
    hasAlpha,
    isGrey: space === 'b-w' || space === 'grey16',
    input,
  };
}

/**
 * Call it with the header's size, before pixels are decoded.
 * @throws {TransformError} `too_many_pixels`
 */
export function checkInput(size: PixelSize, { maxInputPixels }: Pick<HandlerLimits, 'maxInputPixels'>): void {
  if (size.width * size.height > maxInputPixels) throw tooManyPixels('The original', size, maxInputPixels);
}

async function readMetadata(input: string | Buffer): Promise<Metadata> {
  try {
    // Sizes are checked by the caller, who can say what they were.
    return await sharp(input, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw fromSharpError(error, 'original');
  }
}

/** A compressed SVG can be a thousand times larger than the bytes that were allowed in. */
async function refuseCompressed(input: string | Buffer): Promise<void> {
  const head = typeof input === 'string' ? await firstBytes(input) : input;
  if (head[0] === 0x1f && head[1] === 0x8b) throw invalidOriginal(invalidImageFile);
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return buffer;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fromSharpError(error, 'original');
  }
}
