import { kindOfValue } from './kind-of-value.ts';
import type { OptionRule } from './option-rule.ts';

/** Which numbers an option may be. */
export interface NumberBounds {
  /** The smallest of them. */
  readonly min?: number;
  /** Smaller than all of them; instead of `min`. */
  readonly above?: number;
  /** The largest of them. */
  readonly max?: number;
  /** What is counted, for the message, e.g. `bytes`. */
  readonly unit?: string;
}

/** For a number; `Infinity` may be one, and means that there is no limit. */
export function numberValue(bounds: NumberBounds): OptionRule {
  return numberRule('a number', bounds, (value) => !Number.isNaN(value));
}

/** For a number that is not `Infinity`. */
export function finiteValue(bounds: NumberBounds): OptionRule {
  return numberRule('a finite number', bounds, Number.isFinite);
}

/** For a whole number that a double holds exactly. */
export function wholeValue(bounds: NumberBounds): OptionRule {
  return numberRule('a whole number', bounds, Number.isSafeInteger);
}

function numberRule(what: string, bounds: NumberBounds, isOfKind: (value: number) => boolean): OptionRule {
  const { min = Number.NEGATIVE_INFINITY, above, max = Number.POSITIVE_INFINITY } = bounds;
  const isBetween = (value: number) => value >= min && value <= max && (above === undefined || value > above);
  return {
    expected: `${what}${bounds.unit === undefined ? '' : ` of ${bounds.unit}`}${rangeText(bounds)}`,
    faultOf: (value) => (typeof value === 'number' ? undefined : kindOfValue(value)),
    isInRange: (value) => isOfKind(value as number) && isBetween(value as number),
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
