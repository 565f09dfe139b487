import type { HandlerLimits } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import type { Picture } from './picture.ts';
import type { PixelSize } from './pixel-size.ts';

export interface OperationContext {
  /** The original as displayed. */
  readonly original: PixelSize;
  readonly limits: HandlerLimits;
}

/**
 * Plans one thing that a step asks for.
 * @throws {TransformError}
 */
export type Apply = (picture: Picture, step: TransformationStep, context: OperationContext) => Promise<Picture>;
