import type { Angle, TransformationStep } from '@safelight/protocol';
import { type Colour, parseColour, transparent } from './colour.ts';
import { turnedSize } from './geometry.ts';
import { checkStep } from './limits.ts';
import type { OperationContext } from './operation.ts';
import { beforeStage, type PlannedPicture } from './picture.ts';

/**
 * Applies `angle`: clockwise degrees and flips, in this order. Other than multiples of 90 degrees enlarge the box; its
 * corners have the colour of `background`, transparent by default. `ignore` was applied when the original was opened.
 */
export async function turn(
  picture: PlannedPicture,
  step: TransformationStep,
  context: OperationContext,
): Promise<PlannedPicture> {
  const background = step.background === undefined ? transparent : parseColour(step.background);
  let turned = picture;
  for (const angle of typeof step.angle === 'object' ? step.angle : [step.angle]) {
    if (angle === undefined || angle === 'ignore') continue;
    turned = typeof angle === 'number' ? await rotate(turned, angle, background, context) : await flip(turned, angle);
  }
  return turned;
}

async function flip(picture: PlannedPicture, direction: Exclude<Angle, number>): Promise<PlannedPicture> {
  const ready = await beforeTurn(picture);
  const pipeline = direction === 'hflip' ? ready.pipeline.flop() : ready.pipeline.flip();
  return { ...ready, pipeline, stage: 'finished' };
}

async function rotate(
  picture: PlannedPicture,
  degrees: number,
  background: Colour,
  { limits }: OperationContext,
): Promise<PlannedPicture> {
  if (degrees % 360 === 0) return picture;
  const size = turnedSize(picture.size, degrees);
  checkStep(size, picture.size, limits);
  const ready = await beforeTurn(picture);
  return {
    ...ready,
    pipeline: ready.pipeline.rotate(degrees, { background: background.value }),
    size,
    hasAlpha: ready.hasAlpha || (degrees % 90 !== 0 && !background.isOpaque),
    stage: 'finished',
  };
}

/** sharp rotates directly after scaling, so a planned cut or padding must be rendered first. */
function beforeTurn(picture: PlannedPicture): Promise<PlannedPicture> {
  return beforeStage(picture, 'cut');
}
