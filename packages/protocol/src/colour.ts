import { colourNames, namesByHex } from './colour-names.ts';

/** A colour. The channels are 0 to 255; `alpha` is 0 (transparent) to 1 (opaque). */
export interface Rgba {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly alpha: number;
}

/**
 * Gives each colour one spelling: its CSS name if it has one, otherwise `rgb:` with 6 or 8 lower-case hex digits. Reads
 * the names of CSS Color 4 section 6.1, `none` (as `transparent`), and `rgb:`,
 * `rgb_` (as Nuxt Image writes) or `#` with 3, 4, 6 or 8 hex digits.
 *
 * @returns `undefined` when the text is not a colour
 * @example
 * canonicalColour('#F00'); // 'red'
 * canonicalColour('rgb:123'); // 'rgb:112233'
 * canonicalColour('reddish'); // undefined
 */
export function canonicalColour(text: string): string | undefined {
  const hex = toHex(text);
  if (hex === undefined) return undefined;
  return namesByHex.get(hex) ?? `rgb:${hex}`;
}

/**
 * The channels of a colour.
 *
 * @param text - any spelling that `canonicalColour` reads
 * @returns `undefined` when the text is not a colour
 * @example
 * toRgba('orange'); // { r: 255, g: 165, b: 0, alpha: 1 }
 */
export function toRgba(text: string): Rgba | undefined {
  const hex = toHex(text);
  if (hex === undefined) return undefined;
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return { r: channel(0), g: channel(2), b: channel(4), alpha: hex.length === 8 ? channel(6) / 255 : 1 };
}

/** 6 digits, or 8 when the colour is not opaque. */
function toHex(text: string): string | undefined {
  const lower = text.toLowerCase();
  const named = colourNames.get(lower === 'none' ? 'transparent' : lower);
  if (named !== undefined) return named;
  const digits = /^(?:rgb[:_]|#)([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.exec(lower)?.[1];
  if (digits === undefined) return undefined;
  const long = digits.length < 6 ? [...digits].map((digit) => digit + digit).join('') : digits;
  return long.length === 8 && long.endsWith('ff') ? long.slice(0, 6) : long;
}
