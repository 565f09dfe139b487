import { failureCodeOfStatus, failureKinds, readRetryAfter } from '@safelight/protocol';
import type { Fault } from './failure.ts';
import { TransformError } from './transform-error.ts';

/**
 * What an error thrown by a handler means. An error without a known code or status counts as a crash of the handler.
 */
export function faultOfError(error: unknown): Fault {
  if (TransformError.is(error)) {
    const { class: held } = failureKinds[error.code];
    return fault({ code: error.code, status: error.status, class: held, message: error.message }, error.retryAfterMs);
  }
  const status = statusOf(error);
  // The text of an unexpected error may contain paths or secrets, so clients must not see it.
  if (status === undefined) return crash;
  return faultOfStatus(status) ?? { ...crash, status, class: 'never' };
}

const crash: Fault = {
  code: 'handler_failed',
  status: 500,
  class: 'transient',
  message: failureKinds.handler_failed.title,
};

export const timedOut: Fault = {
  code: 'timed_out',
  status: 504,
  class: 'transient',
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
 * How long the `Retry-After` of a handler's response asks to wait, in milliseconds, at least 1000; `undefined` when it is
 * absent or malformed.
 * @param value - as the handler has set it: Node takes numbers, too
 */
export function retryAfterMs(value: unknown, now: number): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const afterMs = typeof text === 'string' ? readRetryAfter(text, now) : undefined;
  return afterMs === undefined ? undefined : Math.max(1000, afterMs);
}

function fault(facts: Fault, afterMs: number | undefined): Fault {
  return afterMs === undefined ? facts : { ...facts, retryAfterMs: afterMs };
}
