import { open, readFile } from 'node:fs/promises';
import { type HandlerLimits, invalidOriginal, pictureFormatAt } from '@safelight/core';
import sharp, { type Metadata } from 'sharp';
import { tooManyPixels } from './limits.ts';
import { checkFrames, checkSvgBytes, type OriginalLimits, tooManyFrames, tooManyScans } from './original-limits.ts';
import { OriginalRefusal } from './original-refusal.ts';
import type { PixelSize } from './pixel-size.ts';
import { headBytes, refuseKnownFormat } from './refused-formats.ts';
import { hasMoreScans } from './scans.ts';
import { fromSharpError, invalidImageFile } from './sharp-error.ts';
import { hasMoreWebpFrames, isAnimatedWebp } from './webp-frames.ts';

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
 * @throws {TransformError} `invalid_original` when it is not a readable picture of an allowed format; `too_complex` when
 *   reading it takes too much work. Each derivation of the original has the same error.
 */
export async function readHeader(input: string | Buffer, limits: OriginalLimits): Promise<Header> {
  try {
    return await readCheckedHeader(input, limits);
  } catch (error) {
    throw OriginalRefusal.of(error);
  }
}

async function readCheckedHeader(input: string | Buffer, limits: OriginalLimits): Promise<Header> {
  const { head, bytes } =
    typeof input === 'string' ? await firstBytes(input) : { head: input.subarray(0, headBytes), bytes: input.length };
  refuseCompressed(head);
  refuseKnownFormat(head);
  // sharp parses a whole SVG to read its size.
  if (mayBeSvg(head)) checkSvgBytes(bytes, limits);
  if (isAnimatedWebp(head) && (await hasMoreWebpFrames(input, limits.maxFrames))) throw tooManyFrames(limits);
  const metadata = await readMetadata(input, head);
  // AVIF and HEIC have the same container, and sharp's builds cannot decode HEIC.
  const isHeic = metadata.format === 'heif' && metadata.compression !== 'av1';
  const format = isHeic ? undefined : formats.get(metadata.format);
  if (format === undefined) throw invalidOriginal(invalidImageFile);
  // librsvg resolves references relative to the path of an SVG, and would draw files beside it. Bytes have no path.
  if (format === 'svg' && typeof input === 'string') return readCheckedHeader(await readFile(input), limits);
  const { autoOrient, width, height, pages = 1, hasAlpha, space, isProgressive } = metadata;
  checkFrames(pages, limits);
  if (format === 'jpg' && isProgressive && (await hasMoreScans(input, limits.maxScans))) throw tooManyScans(limits);
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
  if (size.width * size.height > maxInputPixels) {
    throw OriginalRefusal.of(tooManyPixels('The original', size, maxInputPixels));
  }
}

async function readMetadata(input: string | Buffer, head: Buffer): Promise<Metadata> {
  try {
    // No limit here: the caller checks the size, with an error that names the size.
    return await sharp(input, { limitInputPixels: false }).metadata();
  } catch (error) {
    const refusal = fromSharpError(error, 'original');
    const isOtherFile = refusal.code === 'invalid_original' && pictureFormatAt(head) === undefined;
    throw isOtherFile ? invalidOriginal(invalidImageFile, error) : refusal;
  }
}

/** Refuses gzip: a compressed SVG can expand to a thousand times the allowed number of bytes. */
function refuseCompressed(head: Buffer): void {
  if (head[0] === 0x1f && head[1] === 0x8b) throw invalidOriginal(invalidImageFile);
}

/** An XML document begins with `<`, after space and a byte order mark. */
function mayBeSvg(head: Buffer): boolean {
  return /^\uFEFF?\s*(?:<|$)/.test(head.toString('utf8'));
}

async function firstBytes(path: string): Promise<{ readonly head: Buffer; readonly bytes: number }> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return { head: buffer.subarray(0, bytesRead), bytes: (await file.stat()).size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fromSharpError(error, 'original');
  }
}
