import { kindOfValue } from './kind-of-value.ts';

/** What one option must be. */
export interface OptionRule {
  /** Completes the sentence "it must be …". */
  readonly expected: string;
  /** Whether the option must be given. @default false */
  readonly isRequired?: boolean;
  /** @returns what the value is, for an error message; `undefined` when it can be used */
  faultOf(value: unknown): string | undefined;
  /**
   * Checks what is inside a value that has no fault.
   * @param where - names the option, e.g. `guard(): keep`
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

/** @param least - the least number that the option may be */
export function numberValue(least: number): OptionRule {
  return {
    expected: `a number, at least ${least}`,
    faultOf: (value) => (typeof value === 'number' && value >= least ? undefined : kindOfValue(value)),
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
