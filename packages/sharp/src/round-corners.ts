import type { TransformationStep } from '@safelight/protocol';
import { checkSide, maxDrawnSide } from './limits.ts';
import { beforeStage, type PlannedPicture } from './picture.ts';
import { roundedMask } from './rounded-mask.ts';

/** Applies `radius`: makes the corners transparent. */
export async function roundCorners(picture: PlannedPicture, { radius }: TransformationStep): Promise<PlannedPicture> {
  if (radius === undefined || (radius !== 'max' && [radius].flat().every((corner) => corner === 0))) return picture;
  checkSide(picture.size, maxDrawnSide);
  const ready = await beforeStage(picture, 'finished');
  const mask = roundedMask(ready.size, radius);
  const pipeline = ready.pipeline.composite([{ input: mask, blend: 'dest-in' }]);
  return { ...ready, pipeline, hasAlpha: true, stage: 'finished' };
}
