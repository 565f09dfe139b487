import type { HandlerLimits } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import type { PlannedPicture } from './picture.ts';
import type { PixelSize } from './pixel-size.ts';

/** The original's size and the limits, for operations. */
export interface OperationContext {
  /** The size of the original as displayed. */
  readonly original: PixelSize;
  readonly limits: HandlerLimits;
}

/**
 * Adds one operation of a step to the picture's pipeline.
 *
 * @throws {TransformError} when the step cannot be applied
 */
export type Apply = (
  picture: PlannedPicture,
  step: TransformationStep,
  context: OperationContext,
) => Promise<PlannedPicture>;
