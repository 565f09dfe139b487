import { explainValue } from './explain-mistake.ts';

/**
 * Checks a value by a pattern. Small, for pages.
 *
 * @param name - names the value in messages
 * @param pattern - is tested on the value's type and text: `number 300`, `string fill`, `array 1,2`; `undefined`
 *   accepts every value
 * @returns the value
 * @throws {TypeError} when the value does not match; the message shows the value and, unless `NODE_ENV` is
 *   `production`, says what was expected
 * @example
 * expectLike('width', 300, /^number [1-9]\d*$/); // 300
 */
export function expectLike<Value>(name: string, value: Value, pattern: RegExp | undefined): Value {
  const type = Array.isArray(value) ? 'array' : typeof value;
  if (pattern?.test(`${type} ${value}`) === false) {
    throw new TypeError(`${name} is "${value}" (${type}).${explainValue(name, value, pattern)}`);
  }
  return value;
}
