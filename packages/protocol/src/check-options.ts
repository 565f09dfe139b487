import { checkOptionNames } from './check-option-names.ts';
import { kindOfValue } from './kind-of-value.ts';
import type { OptionRule } from './option-rule.ts';

/**
 * Refuses options that do not exist, that have a wrong type, or that are missing. An optional option may be
 * `undefined`, which means its default.
 *
 * @param where - the function that takes the options, e.g. `createSafelight()`
 * @param options - what the caller passed
 * @param rules - one rule for every option of that function; the compiler reports a missing rule
 * @throws {TypeError} when an option is unknown, has a wrong type, or is missing; the message names the function, the
 *   option, the kind of its value, and what was expected
 * @throws {RangeError} when a number is out of range, with a message of the same form
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
 * @param where - names the value in messages, e.g. `keyvStore(): the first argument`
 * @throws {TypeError} when the value has a wrong type; the message names its kind and what was expected
 * @throws {RangeError} when a number is out of range, with a message of the same form
 * @example
 * checkValue('listen(): the port', 3000, wholeValue({ min: 0, max: 65_535 }));
 * // A port of 70000 throws: RangeError: listen(): the port is 70000; it must be a whole number from 0 to 65535.
 */
export function checkValue(where: string, value: unknown, rule: OptionRule): void {
  const fault = rule.faultOf(value);
  if (fault !== undefined) throw new TypeError(`${where} is ${fault}; it must be ${rule.expected}.`);
  if (rule.isInRange?.(value) === false) {
    throw new RangeError(`${where} is ${value}; it must be ${rule.expected}.`);
  }
  rule.check?.(where, value);
}

/**
 * A rule for an option that is itself an object of options.
 *
 * @param rules - one rule for every option of the inner object
 * @example
 * interface Backoff {
 *   readonly firstMs?: number;
 *   readonly maxMs?: number;
 * }
 * const rule = optionsValue<Backoff>({ firstMs: finiteValue({ min: 0 }), maxMs: finiteValue({ min: 0 }) });
 * rule.expected; // 'an object with firstMs and maxMs'
 */
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
