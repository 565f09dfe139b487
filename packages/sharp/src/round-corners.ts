import type { TransformationStep } from '@safelight/protocol';
import { checkSide, maxDrawnSide } from './limits.ts';
import { keepInside, type PlannedPicture } from './picture.ts';
import { roundedMask } from './rounded-mask.ts';

/** Applies `radius`: makes the corners transparent. */
export async function roundCorners(picture: PlannedPicture, { radius }: TransformationStep): Promise<PlannedPicture> {
  if (radius === undefined || (radius !== 'max' && [radius].flat().every((corner) => corner === 0))) return picture;
  checkSide(picture.size, maxDrawnSide);
  return keepInside(picture, roundedMask(picture.size, radius));
}
