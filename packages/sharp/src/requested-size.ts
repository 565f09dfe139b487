import { badTransformation } from '@safelight/core';
import type { AspectRatio, Crop, Size, TransformationStep } from '@safelight/protocol';
import { type PixelSize, toPixels } from './pixel-size.ts';

/** The width and height of a step in pixels; `undefined` for a side that the step does not have. */
export interface RequestedSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** Crops that pad the picture. */
const pads: ReadonlySet<Crop> = new Set(['pad', 'lpad', 'mpad']);

/**
 * Reads a step's size. An integer is a number of pixels, a string with a decimal point is a multiple of the step's
 * input, and `iw` and `ih` are the sides of the original as displayed. `aspectRatio` gives the side that is missing.
 * Without a side it gives the largest box inside the input, and for pads the smallest box around it. `dpr` multiplies
 * the result.
 *
 * @throws {TransformError} `bad_transformation` when a size is not valid, zero or negative
 */
export function requestedSize(step: TransformationStep, input: PixelSize, original: PixelSize): RequestedSize {
  const width = step.width === undefined ? undefined : resolve('width', step.width, input.width, original);
  const height = step.height === undefined ? undefined : resolve('height', step.height, input.height, original);
  const size = withRatio({ width, height }, step, input);
  return step.dpr === undefined || step.dpr === 'auto' ? size : multiplied(size, step.dpr);
}

function withRatio(size: RequestedSize, { aspectRatio, crop }: TransformationStep, input: PixelSize): RequestedSize {
  if (aspectRatio === undefined) return size;
  const ratio = ratioOf(aspectRatio);
  const { width, height } = size;
  if (width !== undefined) return { width, height: height ?? toPixels(width / ratio) };
  if (height !== undefined) return { width: toPixels(height * ratio), height };
  const isWider = input.width / input.height > ratio;
  return isWider === pads.has(crop ?? 'scale')
    ? { width: input.width, height: toPixels(input.width / ratio) }
    : { width: toPixels(input.height * ratio), height: input.height };
}

function ratioOf(aspectRatio: AspectRatio): number {
  const [width = Number.NaN, height = 1] = String(aspectRatio).split(':').map(Number);
  const ratio = width / height;
  if (ratio > 0 && Number.isFinite(ratio)) return ratio;
  throw badTransformation(`Invalid aspect ratio in transformation: ${aspectRatio}`);
}

function multiplied({ width, height }: RequestedSize, dpr: number): RequestedSize {
  if (!(dpr > 0 && dpr <= 100)) throw badTransformation(`Invalid device pixel ratio in transformation: ${dpr}`);
  const times = (side: number | undefined) => (side === undefined ? undefined : toPixels(side * dpr));
  return { width: times(width), height: times(height) };
}

function resolve(side: 'width' | 'height', size: Size, inputSide: number, original: PixelSize): number {
  if (size === 'iw') return original.width;
  if (size === 'ih') return original.height;
  const isMultiple = typeof size === 'string' && size.includes('.');
  const value = typeof size === 'string' && size.trim() === '' ? Number.NaN : Number(size);
  if (!Number.isFinite(value) || value <= 0 || !(isMultiple || Number.isInteger(value))) {
    throw badTransformation(`Invalid ${side} in transformation: ${size}`);
  }
  return isMultiple ? toPixels(inputSide * value) : value;
}
