import { effectiveFlags } from './flag-reading.ts';
import { maxMultiple, maxPixels, withPoint } from './parameter-reading.ts';
import type { Size, TransformationStep } from './transformation.ts';

/** The canonical steps of a transformation, or the reason why they cannot be applied together. */
export type JoinedSteps =
  | { readonly ok: true; readonly steps: readonly TransformationStep[] }
  | { readonly ok: false; readonly message: string; readonly at: number };

/**
 * Applies the rules between the components of a transformation. `dpr` becomes a part of the sizes, where they are known.
 * The flags go into the last step. Steps without effect are removed.
 *
 * @param steps - each is canonical by itself
 */
export function joinSteps(steps: readonly TransformationStep[]): JoinedSteps {
  const ofAll = steps.findLast((step) => step.dpr !== undefined && !hasSize(step))?.dpr;
  const joined: TransformationStep[] = [];
  for (const [at, { dpr: own, flags, ...step }] of steps.entries()) {
    const dpr = hasSize(step) ? Number(own ?? ofAll ?? 1) : 1;
    const multiplied = dpr === 1 ? step : multiply(step, dpr);
    if (multiplied === undefined) {
      return { ok: false, message: `The device pixel ratio makes a size too large in transformation: dpr_${dpr}`, at };
    }
    if (Object.keys(multiplied).length > 0) joined.push(multiplied);
  }
  const flags = effectiveFlags(steps, joined.length > 0);
  if (flags.length > 0) joined.push({ ...joined.pop(), flags });
  return { ok: true, steps: joined };
}

/** Whether a step has a size, to which `dpr` applies. */
export function hasSize({ width, height, aspectRatio }: TransformationStep): boolean {
  return width !== undefined || height !== undefined || aspectRatio !== undefined;
}

/** @returns `undefined` when a side becomes too large. The step has `dpr` only if the side of an original is a size. */
function multiply(step: TransformationStep, dpr: number): TransformationStep | undefined {
  const { width, height } = step;
  const isKnown = [width, height].every((side) => side !== 'iw' && side !== 'ih');
  if (!isKnown || (width === undefined && height === undefined)) return { ...step, dpr };
  const sides = [times(width, dpr), times(height, dpr)] as const;
  if (sides.includes('too large')) return undefined;
  return {
    ...step,
    ...(width !== undefined && { width: sides[0] as Size }),
    ...(height !== undefined && { height: sides[1] as Size }),
  };
}

function times(side: Size | undefined, dpr: number): Size | 'too large' | undefined {
  if (side === undefined) return undefined;
  const product = Number(side) * dpr;
  if (typeof side === 'number') return product > maxPixels ? 'too large' : Math.max(1, Math.round(product));
  return product > maxMultiple ? 'too large' : withPoint(Math.max(1e-6, product));
}
