import type { FailureClass, FailureCode } from '@safelight/protocol';

export type HeldClass = Exclude<FailureClass, 'never'>;

/** What went wrong, before anything is remembered of it. */
export interface Fault {
  readonly code: FailureCode;
  readonly status: number;
  readonly class: FailureClass;
  /** For people; what `X-Cld-Error` says. */
  readonly message: string;
  /** How long the one who failed asks to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** A remembered fault: one per derivation and class, or one per asset when the original is missing. */
export interface Failure extends Fault {
  readonly class: HeldClass;
  /** The marks that were read before the run; the failure counts only while they stand. */
  readonly stamp: string;
  /** How many times in a row it has failed, from 1. */
  readonly rung: number;
  /** When this ladder began, epoch milliseconds. */
  readonly since: number;
  /** When the attempt ended, epoch milliseconds. */
  readonly failedAt: number;
  /** End of the window, epoch milliseconds. */
  readonly until: number;
}

export function isFailure(value: unknown): value is Failure {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Failure>).stamp === 'string' &&
    typeof (value as Partial<Failure>).until === 'number' &&
    typeof (value as Partial<Failure>).rung === 'number'
  );
}

/** Milliseconds left of the window; a clock that was set back never lengthens it. */
export function remainingMs(failure: Failure, now: number): number {
  return Math.max(0, Math.min(failure.until - now, failure.until - failure.failedAt));
}
