import { type Backoff, minWindowMs, windowMs } from '@safelight/protocol';
import type { Failure, Fault, HeldClass } from './failure.ts';
import { recordSchema } from './record-schema.ts';

export interface Ladders {
  readonly absence: Backoff;
  readonly missing_version: Backoff;
  readonly permanent: Backoff;
  readonly transient: Backoff;
}

export interface Climb {
  readonly fault: Fault & { readonly class: HeldClass };
  readonly stamp: string;
  /** The failure of this class that the attempt began with. */
  readonly before: Failure | undefined;
  /** The one that is stored now; another process may have recorded meanwhile. */
  readonly stored: Failure | undefined;
  readonly now: number;
  /** Cuts the window, e.g. while the store cannot be reached. */
  readonly maxMs?: number;
}

/** The quiet period: how long after its window a failure still counts as the rung before. */
export function quietMs(failure: Failure, minQuietMs: number): number {
  return Math.max(failure.until - failure.failedAt, minQuietMs);
}

/**
 * The failure to remember after one more attempt, or `undefined` when another attempt has recorded a fresh one already.
 * Attempts that fail at the same time count as one rung: each starts from the failure that it read at its beginning.
 */
export function climb(
  { fault, stamp, before, stored, now, maxMs = Infinity }: Climb,
  ladders: Ladders,
): Failure | undefined {
  if (stored !== undefined && stored.until > now) return undefined;
  const rung = Math.max(stored?.rung ?? 0, (before?.rung ?? 0) + 1);
  const ladder = ladders[fault.class];
  // A `Retry-After` longer than the window wins, up to the larger of `maxMs` here and in `permanent`.
  const maxRetryAfterMs = Math.max(ladder.maxMs, ladders.permanent.maxMs);
  const asked =
    fault.retryAfterMs === undefined ? windowMs(rung, ladder) : clamp(fault.retryAfterMs, minWindowMs, maxRetryAfterMs);
  return {
    schema: recordSchema,
    code: fault.code,
    status: fault.status,
    class: fault.class,
    message: fault.message,
    stamp,
    rung,
    since: stored?.since ?? before?.since ?? now,
    failedAt: now,
    until: now + Math.min(asked, maxMs),
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
