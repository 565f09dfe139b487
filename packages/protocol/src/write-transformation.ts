import { expectLike } from './expect-like.ts';
import { type ExpectedOptions, expectOptions } from './expect-options.ts';
import type { Transformation, TransformationStep } from './transformation.ts';

const size = /^([ns]\w+ 0*[1-9]\d{0,8}|string (?![0.]+$)(0?\d{0,2}\.\d{1,6}|100\.0+|iw|ih))$/;
const offset = /^[ns]\w+ -?\d{1,9}$/;

// Not the table `parameters`, which would bring every reader and message with it. The upper bounds of sizes are left out.
const patterns: ExpectedOptions<TransformationStep> = {
  angle: /^([ns]\w+ -?\d{1,9}|string (hflip|vflip|ignore))$/,
  background: /^string (?:rgb:)?\w+$/,
  crop: /^string (scale|fit|limit|fill|pad|crop|thumb)$/,
  effect: /^string (grayscale|blur|blur:\d{1,9})$/,
  format: /^string (jpg|png|webp|avif|gif|tiff|auto|jpe?g|tiff?)$/,
  gravity: /^string (center|north|south|east|west|north_east|north_west|south_east|south_west|xy_center|auto)$/,
  height: size,
  quality: /^([ns]\w+ 0*([1-9]\d?|100)|string (auto|auto:best|auto:good|auto:eco|auto:low))$/,
  radius: /^([ns]\w+ \d{1,9}|string (max))$/,
  width: size,
  x: offset,
  y: offset,
};

/** Between the turns of a list, and between corners. */
const separators: { readonly [Property in keyof TransformationStep]?: string } = { angle: '.', radius: ':' };

/**
 * The text of steps for a URL: each step's parameters in alphabetical order, steps joined by `/`; empty when nothing is
 * asked. Reads as the same transformation as the text of `formatTransformation`, but is not canonical. Small, for pages:
 * it refuses what has no meaning in the grammar, and leaves names of colours, the largest numbers and contradictions to
 * the server that reads it.
 * @throws {TypeError} naming an unknown property, or a value and what was expected
 */
export function writeTransformation(transformation: Transformation): string {
  return transformation
    .map(writeStep)
    .filter((text) => text)
    .join('/');
}

/** One component; empty when nothing is asked. */
export function writeStep(step: TransformationStep): string {
  // Keys are single letters, so this is their order.
  return expectOptions('A transformation', step, patterns, writeParameter).sort().join();
}

function writeParameter(property: keyof TransformationStep, value: unknown, pattern: RegExp | undefined): string {
  const separator = separators[property];
  const items = separator
    ? [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(separator) : [item]))
    : [value];
  return `${property[0]}_${(items.length ? items : [value]).map((item) => expectLike(property, item, pattern)).join(separator)}`;
}
