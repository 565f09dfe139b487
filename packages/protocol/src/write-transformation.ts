import { expectLike } from './expect-like.ts';
import { type ExpectedOptions, expectOptions } from './expect-options.ts';
import type { Transformation, TransformationStep } from './transformation.ts';

const size = /^([ns]\w+ 0*[1-9]\d{0,8}|string (?![0.]+$)(0?\d{0,2}\.\d{1,6}|100\.0+|iw|ih))$/;
const offset = /^([ns]\w+ -?\d{1,9}|string -?(0?\d{0,2}\.\d{1,6}|100\.0+))$/;
const ratio = /^[ns]\w+ ([\d.:]+|auto)$/;

// The table `parameters` is not used here, because a page would then load all its readers and messages. The largest
// sizes, ratios and flags are not checked.
const patterns: ExpectedOptions<TransformationStep> = {
  angle: /^([ns]\w+ -?\d{1,9}|string (hflip|vflip|ignore))$/,
  aspectRatio: ratio,
  background: /^string (?:rgb:)?\w+$/,
  crop: /^string (scale|fit|limit|mfit|fill|lfill|fill_pad|pad|lpad|mpad|crop|thumb)$/,
  dpr: ratio,
  effect: /^string (grayscale|blur|blur:\d{1,9})$/,
  flags: /^string [\w:! %-]+$/,
  format: /^string (jpg|png|webp|avif|gif|tiff|auto|jpe?g|tiff?)$/,
  gravity: /^string (center|north|south|east|west|north_east|north_west|south_east|south_west|xy_center|auto)$/,
  height: size,
  opacity: /^[ns]\w+ \d{1,3}$/,
  quality:
    /^([ns]\w+ 0*([1-9]\d?|100)|string 0*([1-9]\d?|100):4(20|44)|string (auto|auto:best|auto:good|auto:eco|auto:low))$/,
  radius: /^([ns]\w+ \d{1,9}|string (max))$/,
  width: size,
  x: offset,
  y: offset,
};

/** The text between the values of a list. */
const separators: { readonly [Property in keyof TransformationStep]?: string } = {
  angle: '.',
  flags: '.',
  radius: ':',
};
/** The keys that are not the first letter of their field. */
const keys: { readonly [Property in keyof TransformationStep]?: string } = {
  aspectRatio: 'ar',
  dpr: 'dpr',
  flags: 'fl',
};

/**
 * Writes steps as the text of a URL: each step's parameters in alphabetical order, steps joined by `/`. Small, for
 * pages. `parseTransformation` reads it as the same transformation as the text of `formatTransformation`, but it is not
 * canonical. Names of colours, ratios, flags, the largest numbers and contradictions are not checked; the server checks them.
 *
 * @returns an empty text for steps without parameters
 * @throws {TypeError} when a property is unknown or a value is not in the grammar; the message names it
 * @example
 * writeTransformation([{ width: 300, height: 200, crop: 'fill' }, { effect: 'blur:300' }]);
 * // 'c_fill,h_200,w_300/e_blur:300'
 */
export function writeTransformation(transformation: Transformation): string {
  return transformation
    .map(writeStep)
    .filter((text) => text)
    .join('/');
}

/** Writes one component; an empty text for a step without parameters. */
export function writeStep(step: TransformationStep): string {
  // `_` is before all letters, so sorting the texts sorts the keys.
  return expectOptions('A transformation', step, patterns, writeParameter).sort().join();
}

function writeParameter(property: keyof TransformationStep, value: unknown, pattern: RegExp | undefined): string {
  const separator = separators[property];
  const items = separator
    ? [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(separator) : [item]))
    : [value];
  return `${keys[property] ?? property[0]}_${(items.length ? items : [value]).map((item) => expectLike(property, item, pattern)).join(separator)}`;
}
