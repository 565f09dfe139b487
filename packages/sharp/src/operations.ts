import { badTransformation } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import { parseColour } from './colour.ts';
import { applyEffect } from './effects.ts';
import { applyOpacity } from './opacity.ts';
import type { Apply } from './operation.ts';
import { paintBehind } from './picture.ts';
import { resize } from './resize.ts';
import { roundCorners } from './round-corners.ts';
import { turn } from './turn.ts';

/** A field of a step. */
export type StepField = keyof TransformationStep;

/** One operation of a step. */
export interface Operation {
  /** It is applied when a step has at least one of these. */
  readonly when: readonly StepField[];
  /** Other fields that it reads. */
  readonly reads?: readonly StepField[];
  readonly apply: Apply;
}

/** The operations, in the order in which a step applies them. A new parameter needs a new row. */
export const operations: readonly Operation[] = [
  {
    when: ['width', 'height', 'aspectRatio', 'crop'],
    reads: ['dpr', 'gravity', 'x', 'y', 'background'],
    apply: resize,
  },
  { when: ['angle'], reads: ['background'], apply: turn },
  { when: ['effect'], apply: applyEffect },
  { when: ['opacity'], apply: applyOpacity },
  { when: ['radius'], apply: roundCorners },
  {
    when: ['background'],
    apply: async (picture, { background = 'transparent' }) => paintBehind(picture, parseColour(background)),
  },
];

/** Fields that are about the result instead of a step. The last one of a transformation is used. */
export const outputFields: readonly StepField[] = ['quality', 'format', 'flags'];

const known: ReadonlySet<string> = new Set([
  ...operations.flatMap(({ when, reads = [] }) => [...when, ...reads]),
  ...outputFields,
]);

/**
 * The operations that a step needs, in their order.
 *
 * @throws {TransformError} `bad_transformation` when the step has an unknown field; the message names it
 */
export function operationsOf(step: TransformationStep): readonly Operation[] {
  const names = Object.entries(step).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw badTransformation(`Unknown parameter in transformation: ${unknown}`);
  return operations.filter(({ when }) => when.some((name) => names.includes(name)));
}
