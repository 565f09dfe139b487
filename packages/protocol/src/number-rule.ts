import { kindOfValue } from './kind-of-value.ts';
import type { OptionRule } from './option-rule.ts';

/** The numbers that an option accepts. */
export interface NumberBounds {
  /** The smallest number. */
  readonly min?: number;
  /** An exclusive lower bound: the number must be larger. Use it instead of `min`. */
  readonly above?: number;
  /** The largest number. */
  readonly max?: number;
  /** The unit, for messages, e.g. `bytes`. */
  readonly unit?: string;
}

/**
 * A rule for a number. `Infinity` is accepted, unless `max` excludes it; it usually means "no limit".
 *
 * @example
 * const rule = numberValue({ min: 1, unit: 'bytes' });
 * rule.expected; // 'a number of bytes, at least 1'
 * rule.isInRange?.(Number.POSITIVE_INFINITY); // true
 */
export function numberValue(bounds: NumberBounds): OptionRule {
  return numberRule('a number', bounds, (value) => !Number.isNaN(value));
}

/**
 * A rule for a number that is not `Infinity`.
 *
 * @example
 * finiteValue({ above: 0, unit: 'milliseconds' }).expected; // 'a finite number of milliseconds above 0'
 */
export function finiteValue(bounds: NumberBounds): OptionRule {
  return numberRule('a finite number', bounds, Number.isFinite);
}

/**
 * A rule for a safe integer (`Number.isSafeInteger`).
 *
 * @example
 * const rule = wholeValue({ min: 0, max: 65_535 });
 * rule.expected; // 'a whole number from 0 to 65535'
 * rule.isInRange?.(1.5); // false
 */
export function wholeValue(bounds: NumberBounds): OptionRule {
  return numberRule('a whole number', bounds, Number.isSafeInteger);
}

function numberRule(what: string, bounds: NumberBounds, isNumberOfKind: (value: number) => boolean): OptionRule {
  const { min = Number.NEGATIVE_INFINITY, above, max = Number.POSITIVE_INFINITY } = bounds;
  const isWithinBounds = (value: number) => value >= min && value <= max && (above === undefined || value > above);
  return {
    expected: `${what}${bounds.unit === undefined ? '' : ` of ${bounds.unit}`}${rangeText(bounds)}`,
    faultOf: (value) => (typeof value === 'number' ? undefined : kindOfValue(value)),
    isInRange: (value) => isNumberOfKind(value as number) && isWithinBounds(value as number),
  };
}

function rangeText({ min, above, max }: NumberBounds): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const texts = [
    ...(min === undefined ? [] : [`, at least ${min}`]),
    ...(above === undefined ? [] : [` above ${above}`]),
    ...(max === undefined ? [] : [`, at most ${max}`]),
  ];
  return texts.join('');
}
