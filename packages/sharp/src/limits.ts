import { type HandlerLimits, TransformError } from '@safelight/core';
import type { PixelSize } from './pixel-size.ts';

/** The default limits of a handler. */
export const defaultLimits: HandlerLimits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000 };

/** The largest side that libvips and librsvg draw from an SVG, in pixels. Rounded corners are drawn from an SVG. */
export const maxDrawnSide = 32_767;

/**
 * Checks a planned size. If the input is larger than the limit, a step must not enlarge it, but need not shrink it,
 * because a later step may do that.
 *
 * @throws {TransformError} `too_many_pixels`
 */
export function checkStep(output: PixelSize, input: PixelSize, { maxOutputPixels }: HandlerLimits): void {
  if (pixelsOf(output) > Math.max(maxOutputPixels, pixelsOf(input))) {
    throw tooManyPixels('The result', output, maxOutputPixels);
  }
}

/**
 * Checks the size of a picture that will be encoded.
 *
 * @param maxSide - the longest side that the format allows, in pixels
 * @throws {TransformError} `too_many_pixels`
 */
export function checkOutput(size: PixelSize, { maxOutputPixels }: HandlerLimits, maxSide: number): void {
  if (pixelsOf(size) > maxOutputPixels) throw tooManyPixels('The result', size, maxOutputPixels);
  checkSide(size, maxSide);
}

/**
 * Checks the sides of a result.
 *
 * @throws {TransformError} `too_many_pixels`
 */
export function checkSide({ width, height }: PixelSize, maxSide: number): void {
  if (Math.max(width, height) > maxSide) {
    throw new TransformError(
      'too_many_pixels',
      `The result has ${width} x ${height} pixels; at most ${maxSide} are allowed for a side`,
    );
  }
}

/**
 * The AVIF effort for a size, 0 to 2. Measured with noise, which takes the longest, on two cores: 1 megapixel takes 0.3
 * s at effort 1 and 1.7 s at 2; 4 megapixels take 0.8 s at effort 0 and 6.2 s at 2.
 */
export function avifEffort(size: PixelSize): number {
  const pixels = pixelsOf(size);
  if (pixels <= 100_000) return 2;
  return pixels <= 1_000_000 ? 1 : 0;
}

/** The WebP effort for a size: sharp's default of 4, and 2 for large pictures, which takes half of the time. */
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
