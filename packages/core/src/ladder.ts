import { type Backoff, minWindowMs, windowMs } from '@safelight/protocol';
import type { Failure, Fault, HeldClass } from './failure.ts';
import { recordSchema } from './record-schema.ts';

/** The windows of each class of failures. */
export interface Ladders {
  readonly absence: Backoff;
  readonly missing_version: Backoff;
  readonly permanent: Backoff;
  readonly transient: Backoff;
}

/** The input of `climb`. Times are in epoch milliseconds. */
export interface Climb {
  readonly fault: Fault & { readonly class: HeldClass };
  readonly stamp: string;
  /** The variant that the failure concerns; `undefined`: all. */
  readonly variant?: string | undefined;
  /** The recorded failure of this class when the attempt began. */
  readonly before: Failure | undefined;
  /** The recorded failure of this class now; another process may have written it meanwhile. */
  readonly stored: Failure | undefined;
  readonly now: number;
  /** The longest window, in milliseconds, for example while the store cannot be reached. @default no limit */
  readonly maxMs?: number;
}

/**
 * The quiet period in milliseconds: a failure that occurs within this time after the window gets the next rung. A later
 * one starts at the first rung.
 */
export function quietMs(failure: Failure, minQuietMs: number): number {
  return Math.max(failure.until - failure.failedAt, minQuietMs);
}

/**
 * The failure to record after one more failed attempt; `undefined` when another attempt has already recorded one and
 * its window has not ended. Attempts that fail at the same time count as one rung, because each computes the rung from
 * the failure that it read before it began.
 */
export function climb(
  { fault, stamp, variant, before, stored, now, maxMs = Infinity }: Climb,
  ladders: Ladders,
): Failure | undefined {
  if (stored !== undefined && stored.until > now) return undefined;
  const rung = Math.max(stored?.rung ?? 0, (before?.rung ?? 0) + 1);
  const ladder = ladders[fault.class];
  // A `Retry-After` replaces the window. It may be longer than this ladder, up to `maxMs` of `permanent`.
  const maxRetryAfterMs = Math.max(ladder.maxMs, ladders.permanent.maxMs);
  const wantedMs =
    fault.retryAfterMs === undefined ? windowMs(rung, ladder) : clamp(fault.retryAfterMs, minWindowMs, maxRetryAfterMs);
  return {
    schema: recordSchema,
    code: fault.code,
    status: fault.status,
    class: fault.class,
    message: fault.message,
    ...(fault.vary === undefined ? {} : { vary: fault.vary }),
    ...(fault.noStore === undefined ? {} : { noStore: fault.noStore }),
    ...(fault.passed === undefined ? {} : { passed: fault.passed }),
    ...(variant === undefined ? {} : { variant }),
    stamp,
    rung,
    since: stored?.since ?? before?.since ?? now,
    failedAt: now,
    until: now + Math.min(wantedMs, maxMs),
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
