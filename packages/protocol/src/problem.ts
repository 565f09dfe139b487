import { type FailureCode, failureKinds } from './failure-code.ts';

export const problemContentType: string = 'application/problem+json';

/** An error as JSON (RFC 9457), with what Safelight adds (section 3.2). Field names are those of the wire. */
export interface ProblemDocument {
  /** `urn:safelight:` and the code. */
  readonly type: string;
  /** The same sentence for every occurrence of the code. */
  readonly title: string;
  readonly status: number;
  readonly code: FailureCode | (string & {});
  /** What went wrong this time. */
  readonly detail?: string;
  /** The URL or request that it went wrong for. */
  readonly instance?: string;
  /** Whole seconds, rounded up, at least 1; as the `Retry-After` header. */
  readonly retry_after?: number;
  /** How many times in a row it has failed. */
  readonly rung?: number;
  /** ISO 8601, UTC: when the next attempt may be made. */
  readonly next_attempt_at?: string;
  /** ISO 8601, UTC: when it failed first. */
  readonly failed_since?: string;
}

export interface ProblemFacts {
  readonly detail?: string | undefined;
  readonly instance?: string | undefined;
  /** The status that the answer really has. @default the code's own */
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly rung?: number | undefined;
  /** Epoch milliseconds. */
  readonly nextAttemptAt?: number | undefined;
  /** Epoch milliseconds. */
  readonly failedSince?: number | undefined;
}

export function problemDocument(code: FailureCode, facts: ProblemFacts = {}): ProblemDocument {
  const {
    detail,
    instance,
    status = failureKinds[code].status,
    retryAfterMs,
    rung,
    nextAttemptAt,
    failedSince,
  } = facts;
  const next = isoTime(nextAttemptAt);
  const since = isoTime(failedSince);
  return {
    type: `urn:safelight:${code}`,
    title: failureKinds[code].title,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(instance !== undefined && { instance }),
    ...(retryAfterMs !== undefined && { retry_after: Math.max(1, Math.ceil(retryAfterMs / 1000)) }),
    ...(rung !== undefined && { rung }),
    ...(next !== undefined && { next_attempt_at: next }),
    ...(since !== undefined && { failed_since: since }),
  };
}

/** Whether parsed JSON is a problem of ours, whichever version wrote it: its code may be one that we do not know. */
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
