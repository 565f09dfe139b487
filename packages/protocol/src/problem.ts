import { type FailureCode, failureKinds } from './failure-code.ts';

/** The `Content-Type` of a problem document (RFC 9457 section 3). */
export const problemContentType: string = 'application/problem+json';

/** An error as JSON (RFC 9457). Its extension members (section 3.2) are `code` and those with an underscore. */
export interface ProblemDocument {
  /** `urn:safelight:` followed by the code. */
  readonly type: string;
  /** The same sentence for every occurrence of the code. */
  readonly title: string;
  readonly status: number;
  readonly code: FailureCode | (string & {});
  /** The cause of this occurrence. */
  readonly detail?: string;
  /** The URL or request that failed. */
  readonly instance?: string;
  /** Whole seconds, rounded up, at least 1; the same number as in the `Retry-After` header. */
  readonly retry_after?: number;
  /** The number of failures in a row, from 1. */
  readonly rung?: number;
  /** The instant of the next attempt, in ISO 8601, UTC. */
  readonly next_attempt_at?: string;
  /** The instant of the first of these failures, in ISO 8601, UTC. */
  readonly failed_since?: string;
}

/** The members of a problem document that depend on the occurrence. */
export interface ProblemOptions {
  readonly detail?: string | undefined;
  readonly instance?: string | undefined;
  /** The status of the response. @default the status of the code */
  readonly status?: number | undefined;
  /** Milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly rung?: number | undefined;
  /** Epoch milliseconds. */
  readonly nextAttemptAt?: number | undefined;
  /** Epoch milliseconds. */
  readonly failedSince?: number | undefined;
}

/**
 * Makes the problem document of a failure (RFC 9457).
 *
 * @example
 * const problem = problemDocument('missing_original', { detail: 'Resource not found - cat', retryAfterMs: 56_001 });
 * problem.status; // 404
 * problem.retry_after; // 57
 */
export function problemDocument(code: FailureCode, options: ProblemOptions = {}): ProblemDocument {
  const {
    detail,
    instance,
    status = failureKinds[code].status,
    retryAfterMs,
    rung,
    nextAttemptAt,
    failedSince,
  } = options;
  const nextAttempt = isoTime(nextAttemptAt);
  const firstFailure = isoTime(failedSince);
  return {
    type: `urn:safelight:${code}`,
    title: failureKinds[code].title,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(instance !== undefined && { instance }),
    ...(retryAfterMs !== undefined && { retry_after: Math.max(1, Math.ceil(retryAfterMs / 1000)) }),
    ...(rung !== undefined && { rung }),
    ...(nextAttempt !== undefined && { next_attempt_at: nextAttempt }),
    ...(firstFailure !== undefined && { failed_since: firstFailure }),
  };
}

/**
 * Whether parsed JSON is a problem document of Safelight. A later version may have written it, so its code may be
 * unknown.
 *
 * @example
 * isProblem({ type: 'urn:safelight:gone', title: 'Gone', status: 410, code: 'gone' }); // true
 * isProblem({ type: 'about:blank', title: 'Gone', status: 410 }); // false
 */
export function isProblem(value: unknown): value is ProblemDocument {
  if (typeof value !== 'object' || value === null) return false;
  const { type, title, status, code } = value as Readonly<Record<string, unknown>>;
  return (
    typeof code === 'string' &&
    type === `urn:safelight:${code}` &&
    typeof title === 'string' &&
    Number.isInteger(status)
  );
}

function isoTime(at: number | undefined): string | undefined {
  if (at === undefined) return undefined;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
