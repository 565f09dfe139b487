import { badTransformation } from '@safelight/core';
import sharp from 'sharp';

/** A colour in the form that sharp's options accept. */
export interface Colour {
  readonly value: string | { readonly r: number; readonly g: number; readonly b: number; readonly alpha: number };
  readonly isOpaque: boolean;
}

export const transparent: Colour = { value: { r: 0, g: 0, b: 0, alpha: 0 }, isOpaque: false };
export const white: Colour = { value: 'white', isOpaque: true };

/**
 * Reads a colour of a URL: a CSS name, `rgb:` with 3, 4, 6 or 8 hex digits (with 4 and 8, the last ones are alpha), or
 * `transparent`.
 *
 * @throws {TransformError} `bad_transformation` when the text is not a colour
 */
export function parseColour(text: string): Colour {
  if (text === 'transparent' || text === 'none') return transparent;
  const hex = /^rgb:([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text)?.[1];
  if (hex !== undefined) return fromHex(hex);
  if (/^[a-z]+$/i.test(text) && isColourName(text)) return { value: text.toLowerCase(), isOpaque: true };
  throw badTransformation(
    `Invalid background in transformation: ${text}. Use a CSS colour name, rgb: with 3, 4, 6 or 8 hex digits, or transparent`,
  );
}

function fromHex(hex: string): Colour {
  const digits = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
  const channel = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16);
  const alpha = digits.length === 8 ? channel(6) / 255 : 1;
  return { value: { r: channel(0), g: channel(2), b: channel(4), alpha }, isOpaque: alpha === 1 };
}

/**
 * Whether sharp accepts the name. It knows the 148 names of CSS Color Level 4, so this package needs no list of its
 * own.
 */
function isColourName(text: string): boolean {
  try {
    sharp({ create: { width: 1, height: 1, channels: 3, background: text.toLowerCase() } });
    return true;
  } catch {
    return false;
  }
}
