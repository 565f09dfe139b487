import { open, readFile } from 'node:fs/promises';
import { type HandlerLimits, invalidOriginal } from '@safelight/core';
import sharp, { type Metadata } from 'sharp';
import { tooManyPixels } from './limits.ts';
import type { PixelSize } from './pixel-size.ts';
import { headBytes, refuseKnownFormat } from './refused-formats.ts';
import { fromSharpError, invalidImageFile } from './sharp-error.ts';

/** The properties of a picture that can be read before its pixels are decoded. */
export interface Header {
  /** The canonical extension, such as `jpg`. */
  readonly format: string;
  /** The size as displayed, with the EXIF orientation applied. */
  readonly displayed: PixelSize;
  /** The size as stored, without the EXIF orientation. */
  readonly stored: PixelSize;
  /** The number of frames or pages. */
  readonly pages: number;
  readonly hasAlpha: boolean;
  /** Whether the pixels have one grey value instead of three colours. */
  readonly isGrey: boolean;
  /** The input for sharp: a path on disk or the bytes. */
  readonly input: string | Buffer;
}

/** sharp's names of the allowed input formats, and our extensions. The native format of libvips is not allowed. */
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
 * Reads a picture's header, but not its pixels.
 *
 * @param input - path or bytes
 * @throws {TransformError} `invalid_original` when it is not a readable picture of an allowed format
 */
export async function readHeader(input: string | Buffer): Promise<Header> {
  const head = typeof input === 'string' ? await firstBytes(input) : input;
  refuseCompressed(head);
  refuseKnownFormat(head);
  const metadata = await readMetadata(input);
  // AVIF and HEIC have the same container, and sharp's builds cannot decode HEIC.
  const isHeic = metadata.format === 'heif' && metadata.compression !== 'av1';
  const format = isHeic ? undefined : formats.get(metadata.format);
  if (format === undefined) throw invalidOriginal(invalidImageFile);
  // librsvg resolves references relative to the path of an SVG, and would draw files beside it. Bytes have no path.
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
 * Checks the header's size. Call it before pixels are decoded.
 *
 * @throws {TransformError} `too_many_pixels`
 */
export function checkInput(size: PixelSize, { maxInputPixels }: Pick<HandlerLimits, 'maxInputPixels'>): void {
  if (size.width * size.height > maxInputPixels) throw tooManyPixels('The original', size, maxInputPixels);
}

async function readMetadata(input: string | Buffer): Promise<Metadata> {
  try {
    // No limit here: the caller checks the size, with an error that names the size.
    return await sharp(input, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw fromSharpError(error, 'original');
  }
}

/** Refuses gzip: a compressed SVG can expand to a thousand times the allowed number of bytes. */
function refuseCompressed(head: Buffer): void {
  if (head[0] === 0x1f && head[1] === 0x8b) throw invalidOriginal(invalidImageFile);
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fromSharpError(error, 'original');
  }
}
