import type { Size, TransformationStep } from '@safelight/protocol';
import type { Picture } from './uploaded-asset.ts';

interface KnownSize {
  readonly width: number;
  readonly height: number;
}

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
  const dpr = Number(step.dpr ?? 1) || 1;
  const sides = { width: side(step.width, fullWidth, dpr), height: side(step.height, fullHeight, dpr) };
  const target =
    step.aspectRatio === undefined ? sides : withRatio(step, { width: fullWidth, height: fullHeight }, sides);
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
): KnownSize {
  if (crop === 'crop') {
    // A region ends at the edge of the picture. Without a gravity, an offset counts from the top left corner.
    const [left, top] = gravity === undefined ? [side(x, fullWidth, 1), side(y, fullHeight, 1)] : [0, 0];
    return {
      width: Math.min(target.width ?? fullWidth, fullWidth - left),
      height: Math.min(target.height ?? fullHeight, fullHeight - top),
    };
  }
  const width = target.width ?? (target.height ?? fullHeight) * (fullWidth / fullHeight);
  const height = target.height ?? (target.width ?? fullWidth) * (fullHeight / fullWidth);
  if (crop === 'lfill') {
    return { width: Math.min(width, fullWidth), height: Math.min(height, fullHeight) };
  }
  if (crop === 'mpad') {
    return { width: Math.max(width, fullWidth), height: Math.max(height, fullHeight) };
  }
  if (!/^m?fit$|^limit$/.test(crop ?? '')) {
    return { width, height };
  }
  const fitted = Math.min(width / fullWidth, height / fullHeight);
  const scale = crop === 'limit' ? Math.min(fitted, 1) : crop === 'mfit' ? Math.max(fitted, 1) : fitted;
  return { width: fullWidth * scale, height: fullHeight * scale };
}

/** The sides that a ratio gives: the missing one, or the largest box inside the picture, for pads the smallest around it. */
function withRatio(
  { aspectRatio, crop }: TransformationStep,
  full: KnownSize,
  { width, height }: PictureSize,
): PictureSize {
  const [first = 1, second = 1] = `${aspectRatio}`.split(':').map(Number);
  const ratio = first / second;
  if (width !== undefined || height !== undefined) {
    return { width: width ?? Number(height) * ratio, height: height ?? Number(width) / ratio };
  }
  return full.width / full.height > ratio === /^[lm]?pad$/.test(crop ?? '')
    ? { width: full.width, height: full.width / ratio }
    : { width: full.height * ratio, height: full.height };
}

/** Pixels of one side, or of an offset. A multiple has a decimal point. `iw` and `ih` become NaN: only the server knows that size. */
function side(size: Size, full: number, dpr: number): number;
function side(size: Size | undefined, full: number, dpr: number): number | undefined;
function side(size: Size | undefined, full: number, dpr: number): number | undefined {
  return size === undefined
    ? size
    : dpr * (typeof size === 'string' && size.includes('.') ? full * Number(size) : Number(size));
}

function known(pixels: number): number | undefined {
  return pixels > 0 ? Math.max(1, Math.round(pixels)) : undefined;
}
