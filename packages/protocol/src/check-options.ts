import { checkOptionNames } from './check-option-names.ts';
import { kindOfValue } from './kind-of-value.ts';
import type { OptionRule } from './option-rule.ts';

/**
 * Refuses options that do not exist, that are of a wrong type, or that are missing. An optional option may be
 * `undefined`, which means its default.
 *
 * @param where - the function that takes the options, e.g. `createSafelight()`
 * @param options - what the caller passed
 * @param rules - one rule for every option of that function; the type makes sure that none is left out
 * @throws {TypeError} naming the function, the option, what it is, and what it must be
 * @throws {RangeError} with the same message, when it is a number that cannot be used
 * @example
 * interface Options {
 *   readonly onError?: (error: unknown) => void;
 * }
 * const options: Options = { onError: console.error };
 * checkOptions('createThing()', options, { onError: functionValue('console.error') });
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  rules: { readonly [Name in keyof Options]-?: OptionRule },
): void {
  checkOptionNames(where, options, rules);
  for (const [name, rule] of Object.entries<OptionRule>(rules)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined && rule.isRequired !== true) continue;
    checkValue(where.endsWith(')') ? `${where}: ${name}` : `${where}.${name}`, value, rule);
  }
}

/**
 * Checks one value, e.g. an argument that is not an object of options.
 *
 * @param where - names the value, e.g. `keyvStore(): the first argument`
 * @throws {TypeError} naming what the value is, and what it must be
 * @throws {RangeError} with the same message, when it is a number that cannot be used
 */
export function checkValue(where: string, value: unknown, rule: OptionRule): void {
  const fault = rule.faultOf(value);
  if (fault !== undefined) throw new TypeError(`${where} is ${fault}; it must be ${rule.expected}.`);
  if (rule.isInRange?.(value) === false) {
    throw new RangeError(`${where} is ${value}; it must be ${rule.expected}.`);
  }
  rule.check?.(where, value);
}

/** For an option that is an object of options itself. */
export function optionsValue<Options extends object>(
  rules: {
    readonly [Name in keyof Options]-?: OptionRule;
  },
): OptionRule {
  return {
    expected: `an object with ${Object.keys(rules).join(' and ')}`,
    faultOf: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : kindOfValue(value),
    check: (where, value) => checkOptions<Options>(where, value as Options, rules),
  };
}
