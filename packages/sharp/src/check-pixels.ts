import sharp, { type FailOnOptions } from 'sharp';
import { fromSharpError } from './sharp-error.ts';

/** The input of `checkPixels`. It can be sent to another process. */
export interface CheckTask {
  readonly path: string;
  readonly failOn: FailOnOptions;
  readonly maxInputPixels: number;
}

/** How long a check may take, in whole seconds. */
export const maxCheckSeconds = 1;

const side = 64;

/**
 * Decodes a picture once at a small size. JPEG and WebP are decoded at an eighth of their size, so this takes a fraction of
 * the time of a derivative.
 *
 * @throws {TransformError} `invalid_original` when it is damaged; `timed_out` when it takes too long
 */
export async function checkPixels({ path, failOn, maxInputPixels }: CheckTask): Promise<undefined> {
  try {
    await sharp(path, { failOn, limitInputPixels: maxInputPixels })
      .resize({ width: side, height: side, fit: 'inside' })
      .timeout({ seconds: maxCheckSeconds })
      .raw()
      .toBuffer();
    return undefined;
  } catch (error) {
    throw fromSharpError(error, 'original');
  }
}
