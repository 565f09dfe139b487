import { badTransformation } from '@safelight/core';
import type { Size, TransformationStep } from '@safelight/protocol';
import { type PixelSize, toPixels } from './pixel-size.ts';

/** The width and height of a step in pixels; `undefined` for a side that the step does not have. */
export interface RequestedSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/**
 * Reads a step's width and height. An integer is a number of pixels, a string with a decimal point is a multiple of the
 * step's input, and `iw` and `ih` are the sides of the original as displayed.
 *
 * @throws {TransformError} `bad_transformation` when a size is not valid, zero or negative
 */
export function requestedSize(step: TransformationStep, input: PixelSize, original: PixelSize): RequestedSize {
  return {
    width: step.width === undefined ? undefined : resolve('width', step.width, input.width, original),
    height: step.height === undefined ? undefined : resolve('height', step.height, input.height, original),
  };
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
