import { type HandlerLimits, TransformError } from '@safelight/core';
import type { PixelSize } from './pixel-size.ts';

/** What a handler allows where nobody says otherwise. */
export const defaultLimits: HandlerLimits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000 };

/** libvips and librsvg both stop at this side for what is drawn from an SVG; rounded corners are drawn so. */
export const maxDrawnSide = 32_767;

/**
 * Call it with a planned size. A step may keep an input that is larger than the limit (a later one may shrink it) but not
 * enlarge it.
 * @throws {TransformError} `too_many_pixels`
 */
export function checkStep(output: PixelSize, input: PixelSize, { maxOutputPixels }: HandlerLimits): void {
  if (pixelsOf(output) > Math.max(maxOutputPixels, pixelsOf(input))) {
    throw tooManyPixels('The result', output, maxOutputPixels);
  }
}

/**
 * Call it with the size of what is to be encoded.
 * @param maxSide the format's longest side
 * @throws {TransformError} `too_many_pixels`
 */
export function checkOutput(size: PixelSize, { maxOutputPixels }: HandlerLimits, maxSide: number): void {
  if (pixelsOf(size) > maxOutputPixels) throw tooManyPixels('The result', size, maxOutputPixels);
  checkSide(size, maxSide);
}

/** @throws {TransformError} `too_many_pixels` */
export function checkSide({ width, height }: PixelSize, maxSide: number): void {
  if (Math.max(width, height) > maxSide) {
    throw new TransformError(
      'too_many_pixels',
      `The result has ${width} x ${height} pixels; here a side may have at most ${maxSide}`,
    );
  }
}

/**
 * AVIF effort by size, 0 to 2. Measured with noise (the hardest case) on two cores: 1 megapixel takes 0.3 s at effort 1 and
 * 1.7 s at 2; 4 megapixels take 0.8 s at effort 0 and 6.2 s at 2.
 */
export function avifEffort(size: PixelSize): number {
  const pixels = pixelsOf(size);
  if (pixels <= 100_000) return 2;
  return pixels <= 1_000_000 ? 1 : 0;
}

/** WebP effort: the default for what is common, half of the time for large pictures. */
export function webpEffort(size: PixelSize): number {
  return pixelsOf(size) <= 2_000_000 ? 4 : 2;
}

export function pixelsOf({ width, height }: PixelSize): number {
  return width * height;
}

export function tooManyPixels(what: string, { width, height }: PixelSize, limit: number): TransformError {
  return new TransformError(
    'too_many_pixels',
    `${what} has ${width} x ${height} = ${width * height} pixels; at most ${limit} are allowed`,
  );
}
