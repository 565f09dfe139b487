import { failureCodeOfStatus, failureKinds, optionallyHeldStatuses, readRetryAfter } from '@safelight/protocol';
import type { Fault } from './failure.ts';
import { TransformError } from './transform-error.ts';

/**
 * An error with a fault that is already known. Work that judges a response itself throws it.
 *
 * @example
 * import { faultOfStatus } from '@safelight/core';
 *
 * const fault = faultOfStatus(404);
 * if (fault !== undefined) throw new FaultError({ ...fault, ofVariant: true });
 */
export class FaultError extends Error {
  override readonly name = 'FaultError' as const;
  readonly fault: Fault;

  constructor(fault: Fault, options: { readonly cause?: unknown } = {}) {
    super(fault.message, options);
    this.fault = fault;
  }
}

/**
 * The fault that an error of a handler means. An error with neither a failure code nor an HTTP error status counts as a
 * crash of the handler (`handler_failed`). If the status must never be held, the fault has this status and the class
 * `never`.
 *
 * @param hold - which of `optionallyHeldStatuses` are held, by default all
 * @example
 * faultOfError(missingOriginal('cat')).class; // 'absence'
 * faultOfError(Object.assign(new Error('Gone'), { status: 410 })).class; // 'permanent'
 * faultOfError(Object.assign(new Error('EMFILE'), { code: 'EMFILE' })).code; // 'busy'
 * faultOfError(new Error('EACCES')).code; // 'handler_failed'
 */
export function faultOfError(error: unknown, hold?: ReadonlySet<number>): Fault {
  if (error instanceof FaultError) return error.fault;
  if (TransformError.is(error)) {
    const { class: held } = failureKinds[error.code];
    const fault: Fault = { code: error.code, status: error.status, class: held, message: error.message };
    return withRetryAfter(fault, error.retryAfterMs);
  }
  if (isOutOfFiles(error)) return outOfFiles;
  const status = statusOf(error);
  // The message of an unexpected error may contain paths or secrets, so clients must not see it.
  if (status === undefined) return crash;
  return faultOfStatus(status, { hold }) ?? { ...crash, status, class: 'never' };
}

/** Whether this process, or the system, has too many files and connections open. The picture is not at fault. */
function isOutOfFiles(error: unknown): boolean {
  const { code } = Object(error) as { readonly code?: unknown };
  return code === 'EMFILE' || code === 'ENFILE';
}

const outOfFiles: Fault = {
  code: 'busy',
  status: failureKinds.busy.status,
  class: 'never',
  message: 'Too many files are open',
  retryAfterMs: 2_000,
};

const isOptional: ReadonlySet<number> = new Set(optionallyHeldStatuses);

const crash: Fault = {
  code: 'handler_failed',
  status: 500,
  class: 'transient',
  message: failureKinds.handler_failed.title,
  ofVariant: true,
};

/** The fault of a run that took longer than its timeout. */
export const timedOut: Fault = {
  code: 'timed_out',
  status: 504,
  class: 'transient',
  message: failureKinds.timed_out.title,
  ofVariant: true,
};

/**
 * The fault that the status of a handler's response means.
 * @param options - `retryAfterMs`: the wait that the response asks for. `hold`: which of `optionallyHeldStatuses` are
 *   held, by default all
 * @returns `undefined` when the status is a success or is not held
 *
 * @example
 * faultOfStatus(404)?.class; // 'permanent'
 * faultOfStatus(503, { retryAfterMs: 10_000 })?.class; // 'transient'
 * faultOfStatus(200); // undefined
 */
export function faultOfStatus(
  status: number,
  options: { readonly retryAfterMs?: number | undefined; readonly hold?: ReadonlySet<number> | undefined } = {},
): Fault | undefined {
  const { hold } = options;
  const code = failureCodeOfStatus(status);
  if (code === undefined || (hold !== undefined && isOptional.has(status) && !hold.has(status))) return undefined;
  const kind = failureKinds[code];
  const fault: Fault = { code, status, class: kind.class, message: kind.title, ofVariant: true };
  return withRetryAfter(fault, options.retryAfterMs);
}

/**
 * The HTTP status (400 to 599) in the `status` or `statusCode` of an error, as http-errors and Express set it.
 *
 * @example
 * statusOf(Object.assign(new Error('Gone'), { statusCode: 410 })); // 410
 * statusOf(new Error('EACCES')); // undefined
 */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  for (const value of [status, statusCode]) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599) return value;
  }
  return undefined;
}

/**
 * Reads the `Retry-After` of a handler's response (RFC 9110 section 10.2.3).
 * @param value - the field value as the handler has set it: a text, or a number, which Node accepts too
 * @param now - epoch milliseconds
 * @returns milliseconds, at least 1000; `undefined` when the field is absent or malformed
 *
 * @example
 * retryAfterMs('120', Date.now()); // 120000
 * retryAfterMs('soon', Date.now()); // undefined
 */
export function retryAfterMs(value: unknown, now: number): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const afterMs = typeof text === 'string' ? readRetryAfter(text, now) : undefined;
  return afterMs === undefined ? undefined : Math.max(1000, afterMs);
}

function withRetryAfter(fault: Fault, retryAfterMs: number | undefined): Fault {
  return retryAfterMs === undefined ? fault : { ...fault, retryAfterMs };
}
