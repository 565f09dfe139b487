import { type Transformation, type TransformationStep, writeTransformation } from '@safelight/protocol';
import { blame } from './safelight-error.ts';

/** One step, or several that are applied from left to right. */
export type TransformationInput = TransformationStep | Transformation;

/**
 * As it stands in a URL and in `eager`.
 * @throws {SafelightError} `invalid_transformation`
 */
export function transformationText(input: TransformationInput): string {
  return blame('invalid_transformation', () => writeTransformation([input].flat()));
}
