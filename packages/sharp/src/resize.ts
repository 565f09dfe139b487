import type { TransformationStep } from '@safelight/protocol';
import { parseColour, transparent } from './colour.ts';
import { planResize, type ResizePlan } from './geometry.ts';
import { checkStep } from './limits.ts';
import type { OperationContext } from './operation.ts';
import { beforeStage, type PlannedPicture } from './picture.ts';

/**
 * Applies `width`, `height`, `crop`, `gravity`, `x` and `y`. `background` is the colour of padding, transparent by
 * default.
 */
export async function resize(
  picture: PlannedPicture,
  step: TransformationStep,
  context: OperationContext,
): Promise<PlannedPicture> {
  const plan = planResize(picture.size, step, context.original);
  checkStep(plan.output, picture.size, context.limits);
  const ready = await scale(await cutBefore(picture, plan), plan);
  const cut = await cutAfter(ready, plan);
  return addPadding(cut, plan, step);
}

async function cutBefore(picture: PlannedPicture, { before }: ResizePlan): Promise<PlannedPicture> {
  if (before === undefined) return picture;
  const ready = await beforeStage(picture, 'cut_before');
  return {
    ...ready,
    pipeline: ready.pipeline.extract({ ...before }),
    size: { width: before.width, height: before.height },
    stage: 'cut_before',
  };
}

async function scale(picture: PlannedPicture, { scaled, interesting }: ResizePlan): Promise<PlannedPicture> {
  if (interesting !== undefined) {
    const ready = await beforeStage(picture, 'scaled');
    const pipeline = ready.pipeline.resize({
      ...interesting,
      fit: 'cover',
      position: 'attention',
      withoutReduction: scaled === undefined,
    });
    return { ...ready, pipeline, size: interesting, stage: 'cut' };
  }
  if (scaled === undefined) return picture;
  const ready = await beforeStage(picture, 'scaled');
  return { ...ready, pipeline: ready.pipeline.resize({ ...scaled, fit: 'fill' }), size: scaled, stage: 'scaled' };
}

async function cutAfter(picture: PlannedPicture, { cut }: ResizePlan): Promise<PlannedPicture> {
  if (cut === undefined) return picture;
  const ready = await beforeStage(picture, 'cut');
  return {
    ...ready,
    pipeline: ready.pipeline.extract({ ...cut }),
    size: { width: cut.width, height: cut.height },
    stage: 'cut',
  };
}

async function addPadding(
  picture: PlannedPicture,
  plan: ResizePlan,
  step: TransformationStep,
): Promise<PlannedPicture> {
  if (plan.pad === undefined) return picture;
  const ready = await beforeStage(picture, 'padded');
  const background = step.background === undefined ? transparent : parseColour(step.background);
  return {
    ...ready,
    pipeline: ready.pipeline.extend({ ...plan.pad, background: background.value }),
    size: plan.output,
    hasAlpha: ready.hasAlpha || !background.isOpaque,
    stage: 'padded',
  };
}
