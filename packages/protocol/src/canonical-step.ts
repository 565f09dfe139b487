import type { Crop, Gravity, Offset, Size, TransformationStep } from './transformation.ts';

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
  const { width, height, aspectRatio, crop, gravity, x, y, angle, radius, opacity, ...rest } = parsed;
  const step: TransformationStep = {
    ...rest,
    ...(angle !== undefined && angle !== 0 && { angle }),
    ...(radius !== undefined && radius !== 0 && { radius }),
    ...(opacity !== undefined && opacity !== 100 && { opacity }),
  };
  if (width === undefined && height === undefined && aspectRatio === undefined) return { ok: true, step };
  const sized: TransformationStep = {
    ...step,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    // Two sides have a ratio already.
    ...((width === undefined || height === undefined) && aspectRatio !== undefined && { aspectRatio }),
    crop: crop ?? 'scale',
  };
  if (!usesGravity(crop)) return { ok: true, step: sized };
  const canonical = canonicalGravity(parsed);
  return {
    ok: true,
    step: {
      ...sized,
      ...(canonical !== undefined && { gravity: canonical }),
      ...(isOffset(x) && { x }),
      ...(isOffset(y) && { y }),
    },
  };
}

const cropsWithGravity: readonly (Crop | undefined)[] = [
  ...(['fill', 'lfill', 'fill_pad', 'pad', 'lpad', 'mpad', 'crop', 'thumb'] as const),
];
const cropsWithAutoGravity: readonly (Crop | undefined)[] = ['crop', 'fill', 'lfill', 'fill_pad', 'thumb'];

function usesGravity(crop: Crop | undefined): boolean {
  return cropsWithGravity.includes(crop);
}

/** Whether an offset moves something. */
function isOffset(offset: Offset | undefined): boolean {
  return offset !== undefined && Number(offset) !== 0;
}

/** The default is `center`, and `north_west` for a `crop` with an offset. `thumb` has no default. */
function canonicalGravity({ crop, gravity, x, y }: TransformationStep): Gravity | undefined {
  if (crop === 'thumb') return gravity;
  const isOffsetGiven = x !== undefined || y !== undefined;
  if (crop !== 'crop' || !isOffsetGiven) return gravity === 'center' ? undefined : gravity;
  if (gravity === undefined) return 'north_west';
  const hasOffset = isOffset(x) || isOffset(y);
  return gravity === 'center' && !hasOffset ? undefined : gravity;
}

function findContradiction(step: TransformationStep): string | undefined {
  const { width, height, aspectRatio, crop, gravity, x, y } = step;
  if (crop === 'thumb' && gravity === undefined) return 'c_thumb requires a gravity in transformation: add g_center';
  if (crop === 'fill_pad' && gravity !== 'auto') return 'c_fill_pad requires g_auto in transformation';
  if (gravity === 'auto' && !cropsWithAutoGravity.includes(crop)) {
    return 'Use auto gravity only with crop, fill, lfill, fill_pad or thumb';
  }
  const hasSize = width !== undefined || height !== undefined || aspectRatio !== undefined;
  const hasOffset = isOffset(x) || isOffset(y);
  if (crop === 'crop' && !hasSize && hasOffset)
    return 'c_crop with an offset requires a width or height in transformation';
  const offsets = [x, y].filter(isOffset);
  const hasMultiple = [width, height, ...offsets].some(isMultiple);
  const hasPixels = [width, height, ...offsets].some((value) => typeof value === 'number');
  if (hasMultiple && hasPixels) {
    return 'Do not mix whole pixels and multiples in w, h, x and y of one component in transformation';
  }
  return undefined;
}

function isMultiple(value: Size | Offset | undefined): boolean {
  return typeof value === 'string' && value !== 'iw' && value !== 'ih';
}
