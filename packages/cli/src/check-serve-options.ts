import { checkOptionNames } from '@safelight/protocol';
import type { ServeOptions } from './serve-options.ts';

type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isWhole = (value: unknown, max: number): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max;
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const optionalText: Rule = ['text or undefined', (value) => value === undefined || isText(value)];
const backoff: Rule = ['{ firstMs, capMs }', isObject];

const rules: { readonly [Name in keyof ServeOptions]-?: Rule } = {
  port: ['a whole number from 0 (a free one) to 65535', (value) => isWhole(value, 65_535)],
  host: ['an address such as 127.0.0.1', isText],
  data: ['the path of a folder', isText],
  keepMegabytes: ['a whole number from 0 (keep nothing) to 999999999', (value) => isWhole(value, 999_999_999)],
  cloud: ['a name such as demo', isText],
  apiKey: optionalText,
  apiSecret: optionalText,
  uploadPresets: ['a list of names', (value) => Array.isArray(value) && value.every(isText)],
  store: optionalText,
  placeholder: ["'drawn', 'none' or the path of an image file", isText],
  lasting: backoff,
  passing: backoff,
  say: ['a function', (value) => typeof value === 'function'],
};

const known: { readonly [Name in keyof ServeOptions]-?: true } = {
  port: true,
  host: true,
  data: true,
  keepMegabytes: true,
  cloud: true,
  apiKey: true,
  apiSecret: true,
  uploadPresets: true,
  store: true,
  placeholder: true,
  lasting: true,
  passing: true,
  say: true,
};

/**
 * Checks what `serve` can check by itself; each part of the server checks its own options.
 * @throws {TypeError} naming the option and what was expected; it never repeats a text, which could be a secret
 */
export function checkServeOptions(options: ServeOptions): void {
  checkOptionNames('serve()', options, known);
  for (const [name, [expected, fits]] of Object.entries(rules)) {
    const value = options[name as keyof ServeOptions];
    if (fits(value)) continue;
    throw new TypeError(`serve() takes ${expected} as ${name}, not ${shown(value)}.`);
  }
  if ((options.apiKey === undefined) !== (options.apiSecret === undefined)) {
    throw new TypeError('serve() takes apiKey and apiSecret together, or neither of them.');
  }
}

function shown(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (value === '') return 'an empty text';
  return value === null ? 'null' : typeof value;
}
