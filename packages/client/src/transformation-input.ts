import type { Transformation, TransformationStep } from '@safelight/protocol';

/** One step, or several that are applied from left to right. */
export type TransformationInput = TransformationStep | Transformation;

export interface DeliveryShape {
  readonly steps: Transformation;
  /** What the URL ends in; `undefined` for none. */
  readonly extension: string | undefined;
}

/**
 * Says a format once. A concrete `format` becomes the URL's extension, so that name and bytes agree; `auto` stays in the
 * transformation and the URL keeps the extension of the original. Of several formats the last one counts.
 */
export function deliveryShape(input: TransformationInput | undefined, storedFormat: string): DeliveryShape {
  const steps = toSteps(input);
  const format = steps.findLast((step) => step.format !== undefined)?.format;
  const bare = steps.map(withoutFormat).filter((step) => Object.keys(step).length > 0);
  if (format === 'auto') {
    return { steps: withFormatAuto(bare), extension: storedFormat || undefined };
  }
  return { steps: bare, extension: (format ?? storedFormat) || undefined };
}

export function toSteps(input: TransformationInput | undefined): Transformation {
  if (input === undefined) {
    return [];
  }
  return isSteps(input) ? input : [input];
}

function isSteps(input: TransformationInput): input is Transformation {
  return Array.isArray(input);
}

function withoutFormat({ format: _, ...step }: TransformationStep): TransformationStep {
  return step;
}

function withFormatAuto(steps: Transformation): Transformation {
  const last = steps.at(-1);
  return last === undefined ? [{ format: 'auto' }] : [...steps.slice(0, -1), { ...last, format: 'auto' }];
}
