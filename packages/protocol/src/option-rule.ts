import { kindOfValue } from './kind-of-value.ts';
import { nearName } from './near-name.ts';

/** What one option must be. */
export interface OptionRule {
  /** Completes the sentence "it must be …". */
  readonly expected: string;
  /** Whether the option must be given. @default false */
  readonly isRequired?: boolean;
  /** @returns what the value is, for an error message; `undefined` when it can be used */
  faultOf(value: unknown): string | undefined;
  /** Whether a number that has no fault is one of those that can be used. @default every number is */
  isInRange?(value: unknown): boolean;
  /**
   * Checks what is inside a value that has no fault.
   * @param where - names the option, e.g. `guard(): cache`
   * @throws {TypeError} naming what is wrong
   */
  check?(where: string, value: unknown): void;
}

/** For an option with a value that is checked where it is used. */
export const anyValue: OptionRule = { expected: '', faultOf: () => undefined };

export const booleanValue: OptionRule = typed('boolean', 'true or false');

export const stringValue: OptionRule = typed('string', 'a string');

/** @param example - a function that can be used, as a user would write it */
export function functionValue(example: string): OptionRule {
  return typed('function', `a function, such as ${example}`);
}

/**
 * For a string that must not be empty.
 *
 * @param expected - what the string is, e.g. `the path of a folder, such as 'data'`
 */
export function textValue(expected: string): OptionRule {
  return { expected, faultOf: (value) => (typeof value === 'string' && value !== '' ? undefined : kindOfValue(value)) };
}

/** For one of a few values. The message shows a wrong string, and names the value that was most likely meant. */
export function choiceValue(choices: readonly (string | number)[]): OptionRule {
  const shown = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  const expected = [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter((text) => text !== '').join(' or ');
  const isChoice = (value: unknown) => choices.some((choice) => choice === value);
  return {
    expected,
    faultOf: (value) => (isChoice(value) || typeof value === 'string' ? undefined : kindOfValue(value)),
    check(where, value) {
      if (isChoice(value) || typeof value !== 'string') return;
      const meant = nearName(value, choices.map(String));
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
      throw new TypeError(`${where} is ${JSON.stringify(value)}; it must be ${expected}.${hint}`);
    },
  };
}

/**
 * For an object with methods that another package implements.
 *
 * @param methods - the methods that are called on it
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

export function required(rule: OptionRule): OptionRule {
  return { ...rule, isRequired: true };
}

function typed(type: 'boolean' | 'string' | 'function', expected: string): OptionRule {
  return { expected, faultOf: (value) => (typeof value === type ? undefined : kindOfValue(value)) };
}
