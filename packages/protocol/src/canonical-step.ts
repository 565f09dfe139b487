import type { Gravity, Size, TransformationStep } from './transformation.ts';

export type CanonicalStep =
  | { readonly ok: true; readonly step: TransformationStep }
  | { readonly ok: false; readonly message: string };

/**
 * Rules between the parameters of one component, applied to values that are canonical each for itself: contradictions
 * are refused, what has no effect vanishes, what goes without saying is said.
 */
export function canonicalStep(read: TransformationStep): CanonicalStep {
  const contradiction = findContradiction(read);
  if (contradiction !== undefined) return { ok: false, message: contradiction };
  const { width, height, crop, gravity, x, y, angle, radius, ...rest } = read;
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
  if (!placesSomething(crop)) return { ok: true, step: sized };
  const placed = canonicalGravity(read);
  return {
    ok: true,
    step: {
      ...sized,
      ...(placed !== undefined && { gravity: placed }),
      ...(x !== undefined && x !== 0 && { x }),
      ...(y !== undefined && y !== 0 && { y }),
    },
  };
}

function placesSomething(crop: TransformationStep['crop']): boolean {
  return crop === 'fill' || crop === 'pad' || crop === 'crop' || crop === 'thumb';
}

/** An offset without gravity counts from the top left of a `crop`; everything else starts from the center. */
function canonicalGravity({ crop, gravity, x, y }: TransformationStep): Gravity | undefined {
  if (crop === 'thumb') return gravity;
  const offsetGiven = x !== undefined || y !== undefined;
  if (crop !== 'crop' || !offsetGiven) return gravity === 'center' ? undefined : gravity;
  if (gravity === undefined) return 'north_west';
  const moved = (x ?? 0) !== 0 || (y ?? 0) !== 0;
  return gravity === 'center' && !moved ? undefined : gravity;
}

function findContradiction({ width, height, crop, gravity, x, y }: TransformationStep): string | undefined {
  if (crop === 'thumb' && gravity === undefined) return 'c_thumb requires a gravity in transformation: add g_center';
  if (gravity === 'auto' && crop !== 'fill' && crop !== 'crop' && crop !== 'thumb') {
    return 'Use auto gravity only with crop, fill or thumb';
  }
  const hasSize = width !== undefined || height !== undefined;
  const moved = (x ?? 0) !== 0 || (y ?? 0) !== 0;
  if (crop === 'crop' && !hasSize && moved) return 'c_crop with an offset requires a width or height in transformation';
  const multiples = isMultiple(width) || isMultiple(height);
  if (multiples && (moved || typeof width === 'number' || typeof height === 'number')) {
    return 'Do not mix whole pixels and multiples in w, h, x and y of one component in transformation';
  }
  return undefined;
}

function isMultiple(size: Size | undefined): boolean {
  return typeof size === 'string' && size !== 'iw' && size !== 'ih';
}
