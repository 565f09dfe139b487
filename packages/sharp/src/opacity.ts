import { badTransformation } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import { keepInside, type PlannedPicture } from './picture.ts';

/**
 * Applies `opacity`: multiplies the transparency of each pixel.
 *
 * @throws {TransformError} `bad_transformation` when it is not 0 to 100
 */
export async function applyOpacity(picture: PlannedPicture, { opacity }: TransformationStep): Promise<PlannedPicture> {
  if (opacity === undefined || opacity === 100) return picture;
  if (!(opacity >= 0 && opacity < 100)) throw badTransformation(`Invalid opacity in transformation: ${opacity}`);
  const background = { r: 0, g: 0, b: 0, alpha: opacity / 100 };
  return keepInside(picture, { create: { ...picture.size, channels: 4, background } });
}
