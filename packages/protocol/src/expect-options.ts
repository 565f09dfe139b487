import { expectLike } from './expect-like.ts';
import { explainName } from './explain-mistake.ts';

/**
 * A pattern for the type and text of every option (see `expectLike`); `undefined` if the function checks the value by
 * itself.
 */
export type ExpectedOptions<Options> = { readonly [Name in keyof Required<Options>]: RegExp | undefined };

/**
 * Refuses unknown options and values that do not match. Servers use `checkOptions`; this function is small, for pages,
 * so in production (`NODE_ENV`) its messages have no suggestions. An option that is `undefined` counts as absent.
 *
 * @param where - the function that takes the options, e.g. `createClient()`
 * @param check - checks one value, and may convert it. @default expectLike
 * @returns the results of `check`, one for each option that is present
 * @throws {TypeError} when an option is unknown or does not match; the message names the option
 * @example
 * interface Options {
 *   readonly retries?: number;
 * }
 * const options: Options = { retries: 3 };
 * expectOptions('createThing()', options, { retries: /^number \d+$/ }); // [3]
 */
export function expectOptions<Options extends object, Result = unknown>(
  where: string,
  options: Options,
  expected: ExpectedOptions<Options>,
  check: (
    name: keyof Options & string,
    value: unknown,
    pattern: RegExp | undefined,
  ) => Result = expectLike as typeof check,
): Result[] {
  if (!options || typeof options !== 'object') {
    throw new TypeError(`${where} takes an object, not ${options}.`);
  }
  return Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(expected, name)) {
      throw new TypeError(`${where} has no option "${name}".${explainName(name, Object.keys(expected))}`);
    }
    const known = name as keyof Options & string;
    return value === undefined ? [] : [check(known, value, expected[known])];
  });
}
