import { expectLike } from './expect-like.ts';
import { explainName } from './explain-mistake.ts';

/** What the type and the text of every option look like; `undefined` where the function checks the value by itself. */
export type ExpectedOptions<Options> = { readonly [Name in keyof Required<Options>]: RegExp | undefined };

/**
 * Refuses options that do not exist, and values that cannot work. For pages, as `checkOptionNames` is for servers: small,
 * so the option that was probably meant is named in development only. Options that are `undefined` count as absent.
 *
 * @param where - what has these options, e.g. `createClient()`
 * @param check - checks one value and may make something of it
 * @returns what `check` made of the options that are given
 * @throws {TypeError} naming the option
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
