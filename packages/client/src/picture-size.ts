import type { Size, TransformationStep } from '@safelight/protocol';
import type { Picture } from './uploaded-asset.ts';

/** Pixels; `undefined` when they are not known. */
export interface PictureSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** The size of a picture: the size of its original, after its transformation. */
export function pictureSize({ width, height, source, transformation = [] }: Picture): PictureSize {
  return source === undefined ? { width, height } : [transformation].flat().reduce(sizeAfter, pictureSize(source));
}

/**
 * The size after a step, by the server's rules. When the client cannot know the result, the height is `undefined`, and
 * the width is a lower limit.
 */
export function sizeAfter(size: PictureSize, step: TransformationStep): PictureSize {
  // An unknown size is NaN, and so is everything that is computed from it.
  const { width: fullWidth = Number.NaN, height: fullHeight = Number.NaN } = size;
  const target = { width: side(step.width, fullWidth), height: side(step.height, fullHeight) };
  const { width, height } = resized(step, fullWidth, fullHeight, target);
  if (step.angle !== undefined) {
    return { width: known(Math.min(width, height)), height: undefined };
  }
  return { width: known(width) ?? known(Math.min(fullWidth, fullHeight)), height: known(height) };
}

function resized(
  { crop, gravity, x = 0, y = 0 }: TransformationStep,
  fullWidth: number,
  fullHeight: number,
  target: PictureSize,
): { readonly width: number; readonly height: number } {
  if (crop === 'crop') {
    // A region ends at the edge of the picture. Without a gravity, an offset counts from the top left corner.
    const [left, top] = gravity === undefined ? [x, y] : [0, 0];
    return {
      width: Math.min(target.width ?? fullWidth, fullWidth - left),
      height: Math.min(target.height ?? fullHeight, fullHeight - top),
    };
  }
  const width = target.width ?? (target.height ?? fullHeight) * (fullWidth / fullHeight);
  const height = target.height ?? (target.width ?? fullWidth) * (fullHeight / fullWidth);
  if (crop !== 'fit' && crop !== 'limit') {
    return { width, height };
  }
  const scale = Math.min(width / fullWidth, height / fullHeight, crop === 'limit' ? 1 : Number.POSITIVE_INFINITY);
  return { width: fullWidth * scale, height: fullHeight * scale };
}

/** Pixels of one side. A multiple has a decimal point. `iw` and `ih` become NaN: only the server knows that size. */
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
