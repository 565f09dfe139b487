import type { StoredValue } from '@safelight/core';

/** Values that a wrong serialization changes. */
export const storableValues: ReadonlyArray<readonly [what: string, value: StoredValue]> = [
  ['a text', 'u7RkZ0lqS9-2fVvWb1xY3A'],
  ['the empty text', ''],
  ['a text that looks like JSON', '{"value":1}'],
  ['a text that begins with colons', '::base64:AAAA'],
  ['text beyond ASCII', 'Zürich 東京 🟥\u0000\u2028'],
  ['nested objects', { a: { b: [1, 2.5, true, null, 'x', { c: {} }] } }],
  ['an object that looks like an envelope', { value: 'x', expires: 1, expiresAt: 1 }],
  ['an empty object', {}],
];

/** Keys that a wrong prefix, escape or object literal confuses. */
export const distinctKeys: readonly string[] = [
  'a',
  'A',
  'a:b',
  'a::b',
  '{demo/image/cat}:g',
  '{demo/image/cat}:fd:c_fill,w_300',
  'a b',
  'a%20b',
  'Zürich',
  '東京/🟥',
  '*',
  'constructor',
  '__proto__',
  'x'.repeat(2000),
];
