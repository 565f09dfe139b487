import { badTransformation } from '@safelight/core';
import type { TransformationStep } from '@safelight/protocol';
import { beforeStage, type Picture } from './picture.ts';

type ApplyEffect = (picture: Picture, strength: string | undefined) => Promise<Picture>;

/** One row per effect: what stands before the colon. */
const effects: ReadonlyMap<string, ApplyEffect> = new Map([
  ['grayscale', grayscale],
  ['blur', blur],
]);

/** `effect`: a name, and for some of them a strength after a colon. */
export async function applyEffect(picture: Picture, { effect }: TransformationStep): Promise<Picture> {
  if (effect === undefined) return picture;
  const [name = '', strength] = effect.split(':');
  const apply = effects.get(name);
  if (apply === undefined) throw badTransformation(`Invalid effect in transformation: ${effect}`);
  return apply(picture, strength);
}

/**
 * The standard deviation of a blur's Gaussian in pixels: a fortieth of its strength (2.5 for the default of 100, 50 for
 * the strongest, 2000), at least what sharp can do (0.3).
 * @throws {TransformError} `bad_transformation` outside of 1 to 2000
 */
export function blurSigma(strength = '100'): number {
  const value = Number(strength);
  if (!(value >= 1 && value <= 2000)) {
    throw badTransformation(`Invalid blur in transformation: ${strength}. Use 1 to 2000`);
  }
  return Math.max(0.3, value / 40);
}

/**
 * Luma of ITU-R BT.709. As a matrix instead of sharp's `grayscale()`, which drops transparency from raw pixels and would
 * take the colour of a padding that comes later.
 */
const luma: [number, number, number] = [0.2126, 0.7152, 0.0722];

async function grayscale(picture: Picture): Promise<Picture> {
  const ready = await beforeStage(picture, 'grayscale');
  return { ...ready, pipeline: ready.pipeline.recomb([luma, luma, luma]), stage: 'grayscale' };
}

async function blur(picture: Picture, strength: string | undefined): Promise<Picture> {
  const sigma = blurSigma(strength);
  const ready = await beforeStage(picture, 'blurred');
  return { ...ready, pipeline: ready.pipeline.blur(sigma), stage: 'blurred' };
}
