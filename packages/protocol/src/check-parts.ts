import { expectLike } from './expect-like.ts';

/** The parts of a delivery URL's path, before they are checked. */
export interface DeliveryParts {
  readonly cloudName: unknown;
  readonly resourceType: unknown;
  readonly publicId: unknown;
  readonly version: unknown;
  /** The extension; an empty text means that there is none. */
  readonly format: unknown;
}

const patterns: Readonly<Record<keyof DeliveryParts, RegExp>> = {
  cloudName: /^string \w[\w.-]*$/,
  resourceType: /^string (image|video|raw)$/,
  // In this order: no leading space; no segment that is empty, `.` or `..`; no trailing space; allowed characters;
  // length.
  publicId: /^string (?!\s|(.*\/)?\.{0,2}(\/|$)|.*\s$)[^\p{Cc}\p{Cs}\u2028\u2029?&#\\%<>+]{1,255}$/u,
  version: /^number (?!1$)[1-9]\d{0,14}$/,
  format: /^string [a-z\d]{0,10}$/,
};

/**
 * Checks parts of a delivery URL's path. Small, for pages: in production (`NODE_ENV`) the message does not say what was
 * expected.
 *
 * @throws {TypeError} when a part cannot be used in a delivery URL; the message names the part
 * @example
 * checkParts({ cloudName: 'demo', publicId: 'animals/cat' });
 * // checkParts({ publicId: '../cat' }) throws: TypeError: publicId is "../cat" (string). Expected …
 */
export function checkParts(parts: Partial<DeliveryParts>): void {
  for (const name in parts) {
    expectLike(name, parts[name as keyof DeliveryParts], patterns[name as keyof DeliveryParts]);
  }
}
