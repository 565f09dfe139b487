import { ratiosNotOffered, sizesNotOffered } from './not-offered.ts';
import { bad, good, maxPixels, type Reading, unoffered, wholeNumber } from './parameter-reading.ts';
import type { AspectRatio } from './transformation.ts';

export const maxDpr = 100;

/**
 * Reads an aspect ratio, such as `16:9` or `1.5`. The canonical ratio has two whole numbers without a common divisor:
 * `1.5` becomes `3:2`.
 */
export function readAspectRatio(text: string): Reading<AspectRatio> {
  const [width, height = '1', ...more] = text.split(':');
  const sides = [width ?? '', height];
  const isNumber = sides.every((side) => /^(\d{1,15}|\d{0,5}\.\d{1,10})$/.test(side));
  if (!isNumber || more.length > 0) return ratiosNotOffered.test(text) ? unoffered : bad;
  const digits = Math.max(...sides.map((side) => side.split('.')[1]?.length ?? 0));
  const [a = 0, b = 0] = sides.map((side) => Math.round(Number(side) * 10 ** digits));
  const ratio = a / b;
  if (!(ratio >= 1 / maxPixels && ratio <= maxPixels) || Math.max(a, b) >= 1e15) return bad;
  const divisor = commonDivisor(a, b);
  return good(`${a / divisor}:${b / divisor}`);
}

/** Reads a device pixel ratio. `auto` is 1: the ratio of the client is not known. */
export function readDpr(text: string): Reading<number> {
  if (text === 'auto') return good(1);
  const value = readDecimal(text);
  if (value !== undefined && value > 0 && value <= maxDpr) return good(value);
  return sizesNotOffered.test(text) ? unoffered : bad;
}

export function readOpacity(text: string): Reading<number> {
  const value = wholeNumber(text, 0, 100);
  if (value !== undefined) return good(value);
  return sizesNotOffered.test(text) ? unoffered : bad;
}

/** Reads a zoom. It is for gravities that are not offered, so it has no effect. */
export function readZoom(text: string): Reading<number> {
  const value = readDecimal(text);
  if (value !== undefined && value > 0) return good(value);
  return sizesNotOffered.test(text) ? unoffered : bad;
}

function readDecimal(text: string): number | undefined {
  return /^(\d{1,3}|\d{0,3}\.\d{1,6})$/.test(text) ? Number(text) : undefined;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
