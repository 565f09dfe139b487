import { nearName } from './near-name.ts';

/**
 * Refuses options that do not exist, so that a misspelt name is noticed where it was written. The part of `checkOptions`
 * that checks names.
 *
 * @param where - the function that takes the options, e.g. `createSafelight()`
 * @param options - what the caller passed
 * @param known - an object with every option of that function as a key; the type makes sure that none is left out
 * @throws {TypeError} when `options` is not an object, or has a key that is not an option; names the option that was
 *   most likely meant
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
  const meant = nearName(unknown, names);
  const hint = meant === undefined ? `Its options are ${names.join(', ')}.` : `Did you mean ${meant}?`;
  throw new TypeError(`${where} has no option ${JSON.stringify(unknown)}. ${hint}`);
}
