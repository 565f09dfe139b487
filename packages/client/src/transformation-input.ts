import { type Transformation, type TransformationStep, writeTransformation } from '@safelight/protocol';
import { withErrorCode } from './safelight-error.ts';

/** One step, or several that are applied from left to right. */
export type TransformationInput = TransformationStep | Transformation;

/**
 * The transformation as text, for a URL or for the upload parameter `eager`.
 * @throws {SafelightError} `invalid_transformation`
 */
export function transformationText(input: TransformationInput): string {
  return withErrorCode('invalid_transformation', () => writeTransformation([input].flat()));
}
