import type { Gravity, Size, TransformationStep } from './transformation.ts';

/** A canonical step, or the reason why the parameters contradict each other. */
export type CanonicalStep =
  | { readonly ok: true; readonly step: TransformationStep }
  | { readonly ok: false; readonly message: string };

/**
 * Applies the rules between the parameters of one component. Refuses contradictions, removes parameters that have no
 * effect, and adds defaults.
 *
 * @param parsed - a step in which each value is canonical by itself
 */
export function canonicalStep(parsed: TransformationStep): CanonicalStep {
  const contradiction = findContradiction(parsed);
  if (contradiction !== undefined) return { ok: false, message: contradiction };
  const { width, height, crop, gravity, x, y, angle, radius, ...rest } = parsed;
  const step: TransformationStep = {
    ...rest,
    ...(angle !== undefined && angle !== 0 && { angle }),
    ...(radius !== undefined && radius !== 0 && { radius }),
  };
  if (width === undefined && height === undefined) return { ok: true, step };
  const sized: TransformationStep = {
    ...step,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    crop: crop ?? 'scale',
  };
  if (!usesGravity(crop)) return { ok: true, step: sized };
  const canonical = canonicalGravity(parsed);
  return {
    ok: true,
    step: {
      ...sized,
      ...(canonical !== undefined && { gravity: canonical }),
      ...(x !== undefined && x !== 0 && { x }),
      ...(y !== undefined && y !== 0 && { y }),
    },
  };
}

function usesGravity(crop: TransformationStep['crop']): boolean {
  return crop === 'fill' || crop === 'pad' || crop === 'crop' || crop === 'thumb';
}

/** The default is `center`, and `north_west` for a `crop` with an offset. `thumb` has no default. */
function canonicalGravity({ crop, gravity, x, y }: TransformationStep): Gravity | undefined {
  if (crop === 'thumb') return gravity;
  const isOffsetGiven = x !== undefined || y !== undefined;
  if (crop !== 'crop' || !isOffsetGiven) return gravity === 'center' ? undefined : gravity;
  if (gravity === undefined) return 'north_west';
  const hasOffset = (x ?? 0) !== 0 || (y ?? 0) !== 0;
  return gravity === 'center' && !hasOffset ? undefined : gravity;
}

function findContradiction({ width, height, crop, gravity, x, y }: TransformationStep): string | undefined {
  if (crop === 'thumb' && gravity === undefined) return 'c_thumb requires a gravity in transformation: add g_center';
  if (gravity === 'auto' && crop !== 'fill' && crop !== 'crop' && crop !== 'thumb') {
    return 'Use auto gravity only with crop, fill or thumb';
  }
  const hasSize = width !== undefined || height !== undefined;
  const hasOffset = (x ?? 0) !== 0 || (y ?? 0) !== 0;
  if (crop === 'crop' && !hasSize && hasOffset)
    return 'c_crop with an offset requires a width or height in transformation';
  const hasMultiple = isMultiple(width) || isMultiple(height);
  if (hasMultiple && (hasOffset || typeof width === 'number' || typeof height === 'number')) {
    return 'Do not mix whole pixels and multiples in w, h, x and y of one component in transformation';
  }
  return undefined;
}

function isMultiple(size: Size | undefined): boolean {
  return typeof size === 'string' && size !== 'iw' && size !== 'ih';
}
