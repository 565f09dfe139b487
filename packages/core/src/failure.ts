import { type FailureClass, type FailureCode, failureKinds } from '@safelight/protocol';
import { hasRecordSchema, isInstant, type recordSchema } from './record-schema.ts';

export type HeldClass = Exclude<FailureClass, 'never'>;

/** What went wrong, before anything is remembered of it. */
export interface Fault {
  readonly code: FailureCode;
  readonly status: number;
  readonly class: FailureClass;
  /** For people; what `X-Cld-Error` says. */
  readonly message: string;
  /** How long to wait before the next attempt, as the failing handler or server asks, in milliseconds. */
  readonly retryAfterMs?: number;
}

/**
 * In the order in which they are looked at: a failure that holds for every derivation comes before the failure of one.
 */
export const heldClasses: readonly HeldClass[] = ['absence', 'missing_version', 'permanent', 'transient'];

/** A remembered fault: one per derivation and class, or one per asset when the original is missing. */
export interface Failure extends Fault {
  readonly class: HeldClass;
  readonly schema: typeof recordSchema;
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

/** A set, because this is looked up at every hit: `Object.hasOwn` takes twice as long. */
const failureCodes: ReadonlySet<unknown> = new Set(Object.keys(failureKinds));

/** Whether a value out of a store is a failure of this release's schema; anything else counts as absent. */
export function isFailure(value: unknown): value is Failure {
  if (!hasRecordSchema(value)) return false;
  const { code, status, class: held, message, retryAfterMs, stamp, rung, since, failedAt, until } = value;
  return (
    typeof stamp === 'string' &&
    isInstant(until) &&
    isInstant(failedAt) &&
    isInstant(since) &&
    Number.isSafeInteger(rung) &&
    (rung as number) >= 1 &&
    failureCodes.has(code) &&
    isErrorStatus(status) &&
    isHeldClass(held) &&
    typeof message === 'string' &&
    (retryAfterMs === undefined || Number.isFinite(retryAfterMs))
  );
}

function isHeldClass(value: unknown): value is HeldClass {
  return value === 'absence' || value === 'missing_version' || value === 'permanent' || value === 'transient';
}

function isErrorStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599;
}

/** Milliseconds left of the window; a clock that was set back never lengthens it. */
export function remainingMs(failure: Failure, now: number): number {
  return Math.max(0, Math.min(failure.until - now, failure.until - failure.failedAt));
}
