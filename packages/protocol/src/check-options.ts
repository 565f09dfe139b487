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
    const fault = rule.faultOf(value);
    const place = where.endsWith(')') ? `${where}: ${name}` : `${where}.${name}`;
    if (fault !== undefined) throw new TypeError(`${place} is ${fault}; it must be ${rule.expected}.`);
    rule.check?.(place, value);
  }
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
