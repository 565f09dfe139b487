import { badTransformation } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import { beforeStage, type PlannedPicture } from './picture.ts';

type ApplyEffect = (picture: PlannedPicture, strength: string | undefined) => Promise<PlannedPicture>;

/** One row per effect. The key is the text before the colon. */
const effects: ReadonlyMap<string, ApplyEffect> = new Map([
  ['grayscale', grayscale],
  ['blur', blur],
]);

/** Applies `effect`: a name, and for some effects a strength after a colon. */
export async function applyEffect(picture: PlannedPicture, { effect }: TransformationStep): Promise<PlannedPicture> {
  if (effect === undefined) return picture;
  const [name = '', strength] = effect.split(':');
  const apply = effects.get(name);
  if (apply === undefined) throw badTransformation(`Invalid effect in transformation: ${effect}`);
  return apply(picture, strength);
}

/**
 * The standard deviation of a blur's Gaussian, in pixels: strength / 40, and at least 0.3, which is sharp's minimum.
 * The default strength of 100 gives 2.5, the largest strength of 2000 gives 50.
 *
 * @throws {TransformError} `bad_transformation` when the strength is not 1 to 2000
 */
export function blurSigma(strength = '100'): number {
  const value = Number(strength);
  if (!(value >= 1 && value <= 2000)) {
    throw badTransformation(`Invalid blur in transformation: ${strength}. Use 1 to 2000`);
  }
  return Math.max(0.3, value / 40);
}

/**
 * The luma of ITU-R BT.709, as a row of a matrix. sharp's `grayscale()` is not used, because it removes transparency
 * from raw pixels, and would also remove the colour of padding that is added later.
 */
const luma: [number, number, number] = [0.2126, 0.7152, 0.0722];

async function grayscale(picture: PlannedPicture): Promise<PlannedPicture> {
  const ready = await beforeStage(picture, 'grayscale');
  return { ...ready, pipeline: ready.pipeline.recomb([luma, luma, luma]), stage: 'grayscale' };
}

async function blur(picture: PlannedPicture, strength: string | undefined): Promise<PlannedPicture> {
  const sigma = blurSigma(strength);
  const ready = await beforeStage(picture, 'blurred');
  return { ...ready, pipeline: ready.pipeline.blur(sigma), stage: 'blurred' };
}
