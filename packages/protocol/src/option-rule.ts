import { kindOfValue } from './kind-of-value.ts';
import { nearName } from './near-name.ts';

/** The rule for one option, used by `checkOptions`. */
export interface OptionRule {
  /** Completes the sentence "it must be …". */
  readonly expected: string;
  /** Whether the option must be present. @default false */
  readonly isRequired?: boolean;
  /** @returns the kind of the value, for an error message; `undefined` when the kind is right */
  faultOf(value: unknown): string | undefined;
  /** Whether a number is in range. Called when `faultOf` has found no fault. @default every number is */
  isInRange?(value: unknown): boolean;
  /**
   * Checks the inside of a value. Called when `faultOf` has found no fault.
   * @param where - names the option, e.g. `guard(): cache`
   * @throws {TypeError} when something inside is wrong; the message names it
   */
  check?(where: string, value: unknown): void;
}

/** A rule that accepts every value, for an option that is checked elsewhere. */
export const anyValue: OptionRule = { expected: '', faultOf: () => undefined };

/** A rule for `true` or `false`. */
export const booleanValue: OptionRule = typed('boolean', 'true or false');

/** A rule for a string, which may be empty. */
export const stringValue: OptionRule = typed('string', 'a string');

/**
 * A rule for a function.
 *
 * @param example - a function that would be accepted, as a user would write it
 * @example
 * functionValue('console.error').expected; // 'a function, such as console.error'
 */
export function functionValue(example: string): OptionRule {
  return typed('function', `a function, such as ${example}`);
}

/**
 * A rule for a string that must not be empty.
 *
 * @param expected - describes the string, e.g. `the path of a folder, such as 'data'`
 * @example
 * const rule = textValue("the path of a folder, such as 'data'");
 * rule.faultOf(''); // 'an empty string'
 */
export function textValue(expected: string): OptionRule {
  return { expected, faultOf: (value) => (typeof value === 'string' && value !== '' ? undefined : kindOfValue(value)) };
}

/**
 * A rule for one of a few values. The message shows a wrong string, so do not use it for secrets, and suggests the most
 * similar choice.
 *
 * @example
 * const rule = choiceValue(['contain', 'cover']);
 * rule.expected; // "'contain' or 'cover'"
 */
export function choiceValue(choices: readonly (string | number)[]): OptionRule {
  const shown = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  const expected = [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter((text) => text !== '').join(' or ');
  const isChoice = (value: unknown) => choices.some((choice) => choice === value);
  return {
    expected,
    faultOf: (value) => (isChoice(value) || typeof value === 'string' ? undefined : kindOfValue(value)),
    check(where, value) {
      if (isChoice(value) || typeof value !== 'string') return;
      const suggestion = nearName(value, choices.map(String));
      const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
      throw new TypeError(`${where} is ${JSON.stringify(value)}; it must be ${expected}.${hint}`);
    },
  };
}

/**
 * A rule for an object that implements an interface, such as a store of another package.
 *
 * @param expected - describes the object, e.g. `a Store, such as memoryStore()`
 * @param methods - the names of the methods that it must have
 * @example
 * const rule = portValue('a Store, such as memoryStore()', ['get', 'set']);
 * rule.faultOf({ get() {} }); // 'an object without set()'
 */
export function portValue(expected: string, methods: readonly string[]): OptionRule {
  return {
    expected,
    faultOf(value) {
      const mayHaveMethods = typeof value === 'object' || typeof value === 'function';
      if (!mayHaveMethods || value === null || value instanceof Promise) return kindOfValue(value);
      const missing = methods.filter((method) => typeof (value as Record<string, unknown>)[method] !== 'function');
      if (missing.length === 0) return undefined;
      return `${kindOfValue(value)} without ${missing.map((method) => `${method}()`).join(', ')}`;
    },
  };
}

/**
 * The same rule for an option that must be present.
 *
 * @example
 * required(booleanValue).isRequired; // true
 */
export function required(rule: OptionRule): OptionRule {
  return { ...rule, isRequired: true };
}

function typed(type: 'boolean' | 'string' | 'function', expected: string): OptionRule {
  return { expected, faultOf: (value) => (typeof value === type ? undefined : kindOfValue(value)) };
}
