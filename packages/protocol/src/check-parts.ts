/** What stands in the path of a delivery URL, not yet known to be fit for it. */
export interface DeliveryParts {
  readonly cloudName: unknown;
  readonly resourceType: unknown;
  readonly publicId: unknown;
  readonly version: unknown;
  /** The extension; empty for none. */
  readonly format: unknown;
}

const rules: { readonly [Part in keyof DeliveryParts]: readonly [pattern: RegExp, expected?: string] } = {
  cloudName: [/^string \w[\w.-]*$/],
  resourceType: [/^string (image|video|raw)$/],
  publicId: [
    // In order: no space in front, no segment that is empty, `.` or `..`, no space behind; the characters, their number.
    /^string (?!\s|(.*\/)?\.{0,2}(\/|$)|.*\s$)[^\p{Cc}\p{Cs}\u2028\u2029?&#\\%<>+]{1,255}$/u,
    'no ?&#\\%<>+ or empty segment',
  ],
  version: [/^number (?!1$)[1-9]\d{0,14}$/, 'Unix seconds of its upload; 0 and 1 mean unknown'],
  format: [/^string [a-z\d]{0,10}$/],
};

/** @throws {TypeError} naming the part that cannot stand in a delivery URL */
export function checkParts(parts: Partial<DeliveryParts>): void {
  for (const name in parts) {
    expectLike(name, parts[name as keyof DeliveryParts], ...rules[name as keyof DeliveryParts]);
  }
}

/** @throws {TypeError} when a value, behind its type, is not written like the pattern */
export function expectLike<Value>(name: string, value: Value, pattern: RegExp, expected: unknown = pattern): Value {
  if (!pattern.test(`${typeof value} ${value}`)) {
    throw new TypeError(`${name} is "${value}" (${typeof value}). Expected ${expected}.`);
  }
  return value;
}
