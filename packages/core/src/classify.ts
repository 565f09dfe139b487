import { failureCodeOfStatus, failureKinds } from '@safelight/protocol';
import type { Fault } from './failure.ts';
import { TransformError } from './transform-error.ts';

/** What an error thrown by a handler means. Everything that does not say what it is counts as a crash of the handler. */
export function faultOfError(error: unknown): Fault {
  if (TransformError.is(error)) {
    const { class: held } = failureKinds[error.code];
    return fault({ code: error.code, status: error.status, class: held, message: error.message }, error.retryAfterMs);
  }
  const status = statusOf(error);
  // The text of an error that nobody meant for a reader may hold paths or secrets.
  if (status === undefined) return crash;
  return faultOfStatus(status) ?? { ...crash, status, class: 'never' };
}

const crash: Fault = {
  code: 'handler_failed',
  status: 500,
  class: 'passing',
  message: failureKinds.handler_failed.title,
};

export const timedOut: Fault = {
  code: 'timed_out',
  status: 504,
  class: 'passing',
  message: failureKinds.timed_out.title,
};

/** What an answer's status means; `undefined` when it is a success or must never be held. */
export function faultOfStatus(
  status: number,
  options: { readonly retryAfterMs?: number | undefined; readonly hasCredentials?: boolean } = {},
): Fault | undefined {
  const code = failureCodeOfStatus(status, { hasCredentials: options.hasCredentials ?? false });
  if (code === undefined) return undefined;
  const kind = failureKinds[code];
  return fault({ code, status, class: kind.class, message: kind.title }, options.retryAfterMs);
}

/** The HTTP status that an error carries by the convention of http-errors and Express. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  for (const value of [status, statusCode]) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599) return value;
  }
  return undefined;
}

/**
 * Milliseconds until the instant that a `Retry-After` names (RFC 9110 section 10.2.3), at least 1000; `undefined` when
 * it is absent or not understood.
 */
export function retryAfterMs(value: unknown, now: number): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.max(1000, value * 1000) : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Math.max(1000, Number(value) * 1000);
  // Date.parse reads far more than an HTTP date; only something that names a weekday or month is one.
  const at = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(1000, at - now);
}

function fault(facts: Fault, afterMs: number | undefined): Fault {
  return afterMs === undefined ? facts : { ...facts, retryAfterMs: afterMs };
}
