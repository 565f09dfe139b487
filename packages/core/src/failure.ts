import { type FailureClass, type FailureCode, failureKinds } from '@safelight/protocol';
import type { FieldValues } from './field-values.ts';
import { hasRecordSchema, isFieldValues, isInstant, isPlainObject, type recordSchema } from './record-schema.ts';

/** The classes of failures that are held for a window. */
export type HeldClass = Exclude<FailureClass, 'never'>;

/** An error with its meaning, before it is recorded. */
export interface Fault {
  readonly code: FailureCode;
  readonly status: number;
  readonly class: FailureClass;
  /** A text for people, also sent as `X-Cld-Error`. */
  readonly message: string;
  /** How long to wait before the next attempt, in milliseconds, if the handler or its server has said so. */
  readonly retryAfterMs?: number;
  /**
   * Set for a fault that may come from the request instead of the picture, such as a status of a handler that may look
   * at any header: it concerns only requests with the same `Target.variant`. A fault with a code of its own, such as a
   * `TransformError`, concerns all requests for the derivation.
   */
  readonly ofVariant?: true;
  /** The request fields that the response named in `Vary`: it concerns only requests with the same values. */
  readonly vary?: FieldValues;
  /** The response said `no-store`: no other cache may store it. */
  readonly noStore?: true;
  /** Set when the handler passed an error on (`next(error)`), and has not written a response itself. */
  readonly passed?: PassedError;
}

/** What is recorded of an error that a handler passed on. */
export interface PassedError {
  /** Whether clients may see its message, as http-errors says it. */
  readonly expose?: boolean;
}

/** In the order in which they are checked: a failure of the whole asset comes before the failure of one derivation. */
export const heldClasses: readonly HeldClass[] = ['absence', 'missing_version', 'permanent', 'transient'];

/** A recorded fault: one per derivation and class, or one per asset or version when the original is missing. */
export interface Failure extends Omit<Fault, 'ofVariant'> {
  readonly class: HeldClass;
  /** The `Target.variant` that it concerns; `undefined`: all. */
  readonly variant?: string;
  /** In a record: the failures of other variants, the newest first. */
  readonly others?: readonly Failure[];
  readonly schema: typeof recordSchema;
  /** The marks that were read before the run. The failure is valid only while the assets have these marks. */
  readonly stamp: string;
  /** How many attempts in a row have failed, from 1. */
  readonly rung: number;
  /** When the first of these attempts failed, epoch milliseconds. */
  readonly since: number;
  /** When the last attempt ended, epoch milliseconds. */
  readonly failedAt: number;
  /** End of the window, epoch milliseconds. */
  readonly until: number;
}

/** A `Set`, because each hit looks up a code here, and `Object.hasOwn` takes twice as long. */
const failureCodes: ReadonlySet<unknown> = new Set(Object.keys(failureKinds));

/**
 * Whether a value from a store is a well-formed failure with the schema of this release. Other values count as absent.
 */
export function isFailure(value: unknown): value is Failure {
  if (!hasRecordSchema(value)) return false;
  const { code, status, class: held, message, retryAfterMs, stamp, rung, since, failedAt, until } = value;
  const { variant, vary, noStore, passed, others } = value;
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
    (retryAfterMs === undefined || Number.isFinite(retryAfterMs)) &&
    (variant === undefined || typeof variant === 'string') &&
    (vary === undefined || isFieldValues(vary)) &&
    (noStore === undefined || noStore === true) &&
    (passed === undefined || isPassedError(passed)) &&
    (others === undefined || (Array.isArray(others) && others.every(isOtherFailure)))
  );
}

/** Others have no others, so that a record cannot be nested without end. */
function isOtherFailure(value: unknown): boolean {
  return isFailure(value) && value.others === undefined;
}

function isPassedError(value: unknown): value is PassedError {
  if (!isPlainObject(value)) return false;
  return value['expose'] === undefined || typeof value['expose'] === 'boolean';
}

function isHeldClass(value: unknown): value is HeldClass {
  return value === 'absence' || value === 'missing_version' || value === 'permanent' || value === 'transient';
}

function isErrorStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599;
}

/**
 * Milliseconds until the window ends, at least 0. Never more than the whole window, also if the clock was set back.
 *
 * @example
 * import type { Failure } from '@safelight/core';
 *
 * declare const failure: Failure; // failedAt: 1000, until: 61_000
 * remainingMs(failure, 41_000); // 20000
 */
export function remainingMs(failure: Failure, now: number): number {
  return Math.max(0, Math.min(failure.until - now, failure.until - failure.failedAt));
}
