import type { Failure } from './failure.ts';
import type { MatchesFields } from './field-values.ts';
import { quietMs } from './ladder.ts';

/** The request for which a failure is looked up. */
export interface FailureQuestion {
  /** The variant of the target, '' where it has none. */
  readonly variant: string;
  /** `undefined`: every request matches. */
  readonly matches: MatchesFields | undefined;
}

/** How many failures of one class and derivation are recorded; with one more, the oldest is forgotten. */
export const maxFailureVariants = 16;

/** All failures of one record: the newest first, then those of other variants. */
export function failuresIn(record: Failure | undefined): readonly Failure[] {
  if (record === undefined) return [];
  const { others = [], ...newest } = record;
  return [newest, ...others];
}

/**
 * The failure in a record that may be shown to a request. A failure with a `variant` is shown only to requests of this
 * variant, and a failure with `vary` only to requests with the same values in those fields. Of several failures, the one
 * with the latest end of its window is returned.
 */
export function failureFor(record: Failure, question: FailureQuestion): Failure | undefined {
  // Nearly every record has one failure. The objects of the record itself are returned, because others are memoized by it.
  if (record.others === undefined) return mayBeShown(record, question) ? record : undefined;
  const shown = [record, ...record.others].filter((failure) => mayBeShown(failure, question));
  return shown.reduce<Failure | undefined>(
    (last, one) => (last === undefined || one.until > last.until ? one : last),
    undefined,
  );
}

function mayBeShown({ variant, vary }: Failure, { variant: asked, matches }: FailureQuestion): boolean {
  return (variant === undefined || variant === asked) && (vary === undefined || matches === undefined || matches(vary));
}

/** The record with one more failure. It replaces the one of the same variant and fields. */
export function withFailure(record: Failure | undefined, failure: Failure): Failure {
  const others = failuresIn(record).filter((other) => other.stamp === failure.stamp && !isForSame(other, failure));
  return others.length === 0 ? failure : { ...failure, others: others.slice(0, maxFailureVariants - 1) };
}

/** The record without the failures that may be shown to a request; `undefined` when none is left. */
export function withoutFailuresFor(record: Failure | undefined, question: FailureQuestion): Failure | undefined {
  const [newest, ...others] = failuresIn(record).filter((failure) => !mayBeShown(failure, question));
  if (newest === undefined) return undefined;
  return others.length === 0 ? newest : { ...newest, others };
}

/** How long a record must be stored, in milliseconds from `now`: until the quiet period of its last failure is over. */
export function recordTtlMs(record: Failure, minQuietMs: number, now: number): number {
  const ends = failuresIn(record).map((failure) => failure.until + quietMs(failure, minQuietMs));
  return Math.max(...ends) - now;
}

function isForSame(a: Failure, b: Failure): boolean {
  return a.variant === b.variant && JSON.stringify(a.vary) === JSON.stringify(b.vary);
}
