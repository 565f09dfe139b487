import { gravitiesNotOffered, objectsNotOffered } from './not-offered.ts';
import { badNear, good, type Reading, unoffered } from './parameter-reading.ts';
import type { Gravity } from './transformation.ts';

export const gravities: readonly Gravity[] = [
  'center',
  'north',
  'south',
  'east',
  'west',
  'north_east',
  'north_west',
  'south_east',
  'south_west',
  'xy_center',
  'auto',
];

/** Reads a gravity. A word that is not similar to one is probably an object that Cloudinary can find. */
export function readGravity(text: string): Reading<Gravity> {
  const gravity = gravities.find((known) => known === text);
  if (gravity !== undefined) return good(gravity);
  if (gravitiesNotOffered.test(text)) return unoffered;
  const reading = badNear(text, gravities);
  return !reading.ok && reading.suggestion === undefined && objectsNotOffered.test(text) ? unoffered : reading;
}
