import { explainValue } from './explain-mistake.ts';

/**
 * @param pattern - of the type and the text of the value: `number 300`, `string fill`, `array 1,2`; without one, every
 *   value will do
 * @throws {TypeError} saying what the value is and, in development, what was expected
 */
export function expectLike<Value>(name: string, value: Value, pattern: RegExp | undefined): Value {
  const type = Array.isArray(value) ? 'array' : typeof value;
  if (pattern?.test(`${type} ${value}`) === false) {
    throw new TypeError(`${name} is "${value}" (${type}).${explainValue(name, value, pattern)}`);
  }
  return value;
}
