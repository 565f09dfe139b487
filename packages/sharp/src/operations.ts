import { badTransformation } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import { parseColour } from './colour.ts';
import { applyEffect } from './effects.ts';
import type { Apply } from './operation.ts';
import { paintBehind } from './picture.ts';
import { resize } from './resize.ts';
import { roundCorners } from './round-corners.ts';
import { turn } from './turn.ts';

export type Parameter = keyof TransformationStep;

export interface Operation {
  /** It runs when a step has one of these. */
  readonly when: readonly Parameter[];
  /** What else of a step it reads. */
  readonly reads?: readonly Parameter[];
  readonly apply: Apply;
}

/** What each parameter of a step does, in the order of doing it. A new parameter is a new row. */
export const operations: readonly Operation[] = [
  { when: ['width', 'height', 'crop'], reads: ['gravity', 'x', 'y', 'background'], apply: resize },
  { when: ['angle'], reads: ['background'], apply: turn },
  { when: ['effect'], apply: applyEffect },
  { when: ['radius'], apply: roundCorners },
  {
    when: ['background'],
    apply: async (picture, { background = 'transparent' }) => paintBehind(picture, parseColour(background)),
  },
];

/** Parameters of the whole result instead of a step: the last one of a transformation counts. */
export const outputParameters: readonly Parameter[] = ['quality', 'format'];

const known: ReadonlySet<string> = new Set([
  ...operations.flatMap(({ when, reads = [] }) => [...when, ...reads]),
  ...outputParameters,
]);

/**
 * The rows that a step needs, in their order.
 * @throws {TransformError} `bad_transformation` naming a parameter that this handler does not know
 */
export function operationsOf(step: TransformationStep): readonly Operation[] {
  const asked = Object.entries(step).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const unknown = asked.find((name) => !known.has(name));
  if (unknown !== undefined) throw badTransformation(`Unknown parameter in transformation: ${unknown}`);
  return operations.filter(({ when }) => when.some((name) => asked.includes(name)));
}
