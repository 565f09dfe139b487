import { canonicalColour } from './colour.ts';
import { colourNames } from './colour-names.ts';
import { nearName } from './near-name.ts';
import * as notOffered from './not-offered.ts';
import type { Angle, Effect, Offset, Quality, Size } from './transformation.ts';

/**
 * The canonical value of a parameter's text, or the reason why the text is refused. A suggestion is a similar valid
 * value.
 */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: 'bad_transformation' | 'not_offered'; readonly suggestion?: string };

export const maxPixels = 65_535;
export const maxMultiple = 100;
export const maxBlur = 2000;
export const maxAngles = 8;

export const bad: { readonly ok: false; readonly code: 'bad_transformation' } = {
  ok: false,
  code: 'bad_transformation',
};
export const unoffered: { readonly ok: false; readonly code: 'not_offered' } = { ok: false, code: 'not_offered' };
export function good<const Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

export function badNear(text: string, names: readonly string[]): Reading<never> {
  const suggestion = nearName(text, names);
  return suggestion === undefined ? bad : { ...bad, suggestion };
}

export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  const value = Number(text) + 0; // turns -0 into 0
  return value >= min && value <= max ? value : undefined;
}

/** A decimal point makes a multiple of the input: `w_1` is one pixel, `w_1.0` is the whole width. */
export function readSize(text: string): Reading<Size> {
  if (text === 'iw' || text === 'ih') return good(text);
  const pixels = wholeNumber(text, 1, maxPixels);
  if (pixels !== undefined) return good(pixels);
  const [, whole = '', fraction = ''] = /^(\d{0,3})\.(\d{1,6})$/.exec(text) ?? [];
  if (fraction !== '') {
    const multiple = Number(`${whole}.${fraction}`);
    if (multiple <= 0 || multiple > maxMultiple) return bad;
    return good(withPoint(multiple));
  }
  return notOffered.sizesNotOffered.test(text) ? unoffered : bad;
}

export function readOffset(text: string): Reading<Offset> {
  const value = wholeNumber(text, -maxPixels, maxPixels);
  if (value !== undefined) return good(value);
  const multiple = /^-?\d{0,3}\.\d{1,6}$/.test(text) ? Number(text) + 0 : Number.NaN;
  if (Math.abs(multiple) <= maxMultiple) return good(withPoint(multiple));
  return notOffered.sizesNotOffered.test(text) ? unoffered : bad;
}

/** Writes a multiple with its decimal point, without which it would be a number of pixels. */
export function withPoint(multiple: number): `${number}` {
  // Up to six digits; `String` would write the smallest ones with an exponent.
  const text = multiple.toFixed(6).replace(/0+$/, '');
  return (text.endsWith('.') ? `${text}0` : text) as `${number}`;
}

/**
 * Makes a reader for a list of names.
 *
 * @param namesNotOffered - matches the names that only Cloudinary has
 * @param aliases - other spellings of the names
 */
export function choice<Name extends string>(
  names: readonly Name[],
  namesNotOffered: RegExp,
  aliases: Readonly<Record<string, Name>> = {},
): (text: string) => Reading<Name> {
  return function readChoice(text) {
    const name = names.find((known) => known === text);
    if (name !== undefined) return good(name);
    const alias = Object.hasOwn(aliases, text) ? aliases[text] : undefined;
    if (alias !== undefined) return good(alias);
    return namesNotOffered.test(text) ? unoffered : badNear(text, names);
  };
}

const automaticQualities = ['auto', 'auto:best', 'auto:good', 'auto:eco', 'auto:low'] as const;

export function readQuality(text: string): Reading<Quality> {
  const value = wholeNumber(text, 1, 100);
  if (value !== undefined) return good(value);
  const [, number = '', chroma] = /^(\d{1,9}):(420|444)$/.exec(text) ?? [];
  const encoded = wholeNumber(number, 1, 100);
  if (encoded !== undefined) return good(`${encoded}:${chroma as '420' | '444'}`);
  const automatic = automaticQualities.find((name) => name === text);
  if (automatic !== undefined) return good(automatic === 'auto:good' ? 'auto' : automatic);
  return notOffered.qualitiesNotOffered.test(text) ? unoffered : badNear(text, automaticQualities);
}

const turns = ['hflip', 'vflip', 'ignore'] as const;

/**
 * Degrees become 0 to 359, and turns that cancel each other are removed. `ignore` (do not apply the EXIF orientation)
 * comes first, because its place in the list has no meaning.
 */
export function readAngle(text: string): Reading<Angle | readonly Angle[]> {
  const parts = text.split('.');
  if (parts.length > maxAngles) return bad;
  const angles: Angle[] = [];
  let ignore = false;
  for (const part of parts) {
    const degrees = wholeNumber(part, -36_000, 36_000);
    const turn = turns.find((name) => name === part);
    if (turn === 'ignore') ignore = true;
    else if (turn !== undefined) appendTurn(angles, turn);
    else if (degrees !== undefined) appendTurn(angles, ((degrees % 360) + 360) % 360);
    else return notOffered.anglesNotOffered.test(part) ? unoffered : badNear(part, turns);
  }
  if (ignore) angles.unshift('ignore');
  return good(angles.length > 1 ? angles : (angles[0] ?? 0));
}

function appendTurn(angles: Angle[], turn: Exclude<Angle, 'ignore'>): void {
  const last = angles.at(-1);
  if (turn === 0) return;
  if (typeof turn === 'string') {
    if (last === turn) angles.pop();
    else angles.push(turn);
    return;
  }
  // Only quarter turns can be added: after any other rotation the next one starts from a larger box.
  if (typeof last === 'number' && last % 90 === 0 && turn % 90 === 0) {
    angles.pop();
    appendTurn(angles, (last + turn) % 360);
    return;
  }
  angles.push(turn);
}

export function readEffect(text: string): Reading<Effect> {
  if (text === 'grayscale' || text === 'blur') return good(text);
  const strength = /^blur:(.*)$/.exec(text)?.[1];
  if (strength !== undefined) {
    const value = wholeNumber(strength, 1, maxBlur);
    if (value === undefined) return bad;
    const effect: Effect = value === 100 ? 'blur' : `blur:${value}`;
    return good(effect);
  }
  return notOffered.effectsNotOffered.test(text) ? unoffered : badNear(text, ['grayscale', 'blur']);
}

/** Corners in CSS order, in the shortest form: `10:10` becomes `10`. */
export function readRadius(text: string): Reading<number | 'max' | readonly number[]> {
  if (text === 'max') return good(text);
  const parts = text.split(':');
  const corners = parts.map((part) => wholeNumber(part, 0, maxPixels));
  if (parts.length > 4 || corners.some((corner) => corner === undefined)) {
    return notOffered.sizesNotOffered.test(text) ? unoffered : bad;
  }
  const [topLeft = 0, topRight = topLeft, bottomRight = topLeft, bottomLeft = topRight] = corners;
  if (bottomLeft !== topRight) return good([topLeft, topRight, bottomRight, bottomLeft]);
  if (bottomRight !== topLeft) return good([topLeft, topRight, bottomRight]);
  return good(topRight === topLeft ? topLeft : [topLeft, topRight]);
}

export function readColour(text: string): Reading<string> {
  const colour = canonicalColour(text);
  if (colour !== undefined) return good(colour);
  return notOffered.backgroundsNotOffered.test(text) ? unoffered : badNear(text, [...colourNames.keys()]);
}
