import { expectLike } from './expect-like.ts';

/** The parts of a delivery URL's path, before they are checked. */
export interface DeliveryParts {
  readonly cloudName: unknown;
  readonly resourceType: unknown;
  readonly publicId: unknown;
  readonly version: unknown;
  /** The extension; empty for none. */
  readonly format: unknown;
}

const patterns: Readonly<Record<keyof DeliveryParts, RegExp>> = {
  cloudName: /^string \w[\w.-]*$/,
  resourceType: /^string (image|video|raw)$/,
  // In order: no space in front, no segment that is empty, `.` or `..`, no space behind; the characters, their number.
  publicId: /^string (?!\s|(.*\/)?\.{0,2}(\/|$)|.*\s$)[^\p{Cc}\p{Cs}\u2028\u2029?&#\\%<>+]{1,255}$/u,
  version: /^number (?!1$)[1-9]\d{0,14}$/,
  format: /^string [a-z\d]{0,10}$/,
};

/** @throws {TypeError} naming the part that cannot stand in a delivery URL */
export function checkParts(parts: Partial<DeliveryParts>): void {
  for (const name in parts) {
    expectLike(name, parts[name as keyof DeliveryParts], patterns[name as keyof DeliveryParts]);
  }
}
