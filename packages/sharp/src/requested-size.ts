import { badTransformation } from '@safelight/core';
import type { Size, TransformationStep } from '@safelight/protocol';
import { type PixelSize, toPixels } from './pixel-size.ts';

/** The box that a step asks for; a side that it does not name is `undefined`. */
export interface AskedSize {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/**
 * Reads a step's width and height: an integer is pixels, a string with a decimal point multiplies the step's input,
 * `iw` and `ih` are the sides of the original as displayed.
 * @throws {TransformError} `bad_transformation` for zero, negative and unreadable sizes
 */
export function askedSize(step: TransformationStep, input: PixelSize, original: PixelSize): AskedSize {
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
