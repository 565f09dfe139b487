import { OriginalRefusal } from './original-refusal.ts';

/** Options that bound the work of reading an original, besides its pixels. */
export interface OriginalLimitOptions {
  /**
   * The largest number of scans of a JPEG. Each scan of a progressive JPEG goes through all pixels again, and needs only
   * some bytes in the file. Encoders write about ten.
   * @default 32
   */
  readonly maxScans?: number | undefined;
  /**
   * The largest number of frames of a GIF, WebP or AVIF, and of pages of a TIFF. The header of each is read; only the first
   * is decoded, so the pixels of the others count nowhere.
   * @default 2_000
   */
  readonly maxFrames?: number | undefined;
  /**
   * The largest SVG in bytes. It is parsed as a whole. Measured on a busy machine: a megabyte of small elements takes 4 s.
   * @default 4_000_000
   */
  readonly maxSvgBytes?: number | undefined;
}

export type OriginalLimits = { readonly [Name in keyof OriginalLimitOptions]-?: number };

export const defaultOriginalLimits: OriginalLimits = { maxScans: 32, maxFrames: 2_000, maxSvgBytes: 4_000_000 };

/** @throws {TransformError} `too_complex` */
export function checkFrames(frames: number, limits: OriginalLimits): void {
  if (frames > limits.maxFrames) throw tooManyFrames(limits);
}

export function tooManyFrames({ maxFrames }: OriginalLimits): OriginalRefusal {
  return tooComplex(`more than ${maxFrames} frames or pages`);
}

/** @throws {TransformError} `too_complex` */
export function checkSvgBytes(bytes: number, { maxSvgBytes }: OriginalLimits): void {
  if (bytes > maxSvgBytes) throw tooComplex(`${bytes} bytes of SVG; at most ${maxSvgBytes} are allowed`);
}

export function tooManyScans({ maxScans }: OriginalLimits): OriginalRefusal {
  return tooComplex(`more than ${maxScans} scans. Save it as a baseline JPEG, or with fewer scans`);
}

function tooComplex(what: string): OriginalRefusal {
  return new OriginalRefusal('too_complex', `The original has ${what}`);
}
