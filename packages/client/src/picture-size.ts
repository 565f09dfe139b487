import type { Size, TransformationStep } from '@safelight/protocol';
import type { Picture } from './uploaded-asset.ts';

/** Pixels, as far as they are known. */
export interface PictureSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** The size of a picture: that of its original, after its transformation. */
export function pictureSize({ width, height, source, transformation = [] }: Picture): PictureSize {
  return source === undefined ? { width, height } : [transformation].flat().reduce(sizeAfter, pictureSize(source));
}

/**
 * The size after a step, by the server's rules. Where the client cannot know the result, there is no height, and the
 * width is one that the picture has at least.
 */
export function sizeAfter(size: PictureSize, step: TransformationStep): PictureSize {
  // An unknown size is NaN, and so is everything that is computed from it.
  const { width: fullWidth = Number.NaN, height: fullHeight = Number.NaN } = size;
  const asked = { width: side(step.width, fullWidth), height: side(step.height, fullHeight) };
  const { width, height } = resized(step, fullWidth, fullHeight, asked);
  if (step.angle !== undefined) {
    return { width: known(Math.min(width, height)), height: undefined };
  }
  return { width: known(width) ?? known(Math.min(fullWidth, fullHeight)), height: known(height) };
}

function resized(
  { crop, gravity, x = 0, y = 0 }: TransformationStep,
  fullWidth: number,
  fullHeight: number,
  asked: PictureSize,
): { readonly width: number; readonly height: number } {
  if (crop === 'crop') {
    // A region ends at the edge of the picture. An offset without a gravity counts from the top left.
    const [left, top] = gravity === undefined ? [x, y] : [0, 0];
    return {
      width: Math.min(asked.width ?? fullWidth, fullWidth - left),
      height: Math.min(asked.height ?? fullHeight, fullHeight - top),
    };
  }
  const width = asked.width ?? (asked.height ?? fullHeight) * (fullWidth / fullHeight);
  const height = asked.height ?? (asked.width ?? fullWidth) * (fullHeight / fullWidth);
  if (crop !== 'fit' && crop !== 'limit') {
    return { width, height };
  }
  const scale = Math.min(width / fullWidth, height / fullHeight, crop === 'limit' ? 1 : Number.POSITIVE_INFINITY);
  return { width: fullWidth * scale, height: fullHeight * scale };
}

/** A multiple has a decimal point; `iw` and `ih` name what only the server knows. */
function side(size: Size | undefined, full: number): number | undefined {
  return typeof size === 'string' && size.includes('.')
    ? full * Number(size)
    : size === undefined
      ? size
      : Number(size);
}

function known(pixels: number): number | undefined {
  return pixels > 0 ? Math.max(1, Math.round(pixels)) : undefined;
}
