import { nearName } from './near-name.ts';

/**
 * Refuses unknown options, so that a misspelt name is an error instead of being ignored. `checkOptions` also checks the
 * values.
 *
 * @param where - the function that takes the options, e.g. `createSafelight()`
 * @param options - what the caller passed
 * @param known - an object with every option of that function as a key; the compiler reports a missing key
 * @throws {TypeError} when `options` is not an object, or has a key that is not an option; the message names the most
 *   similar option, or all options
 * @example
 * interface Options {
 *   readonly timeoutMs?: number;
 * }
 * const options: Options = { timeoutMs: 5000 };
 * checkOptionNames('createThing()', options, { timeoutMs: true });
 */
export function checkOptionNames<Options extends object>(
  where: string,
  options: Options,
  known: { readonly [Name in keyof Options]-?: unknown },
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${where} takes an object of options, not ${options === null ? 'null' : typeof options}.`);
  }
  const names = Object.keys(known);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const suggestion = nearName(unknown, names);
  const hint = suggestion === undefined ? `Its options are ${names.join(', ')}.` : `Did you mean ${suggestion}?`;
  throw new TypeError(`${where} has no option ${JSON.stringify(unknown)}. ${hint}`);
}
