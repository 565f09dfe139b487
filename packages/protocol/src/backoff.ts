import type { FailureClass } from './failure-code.ts';

/** How the windows of one class grow. */
export interface Backoff {
  /** Window of the first failure, in milliseconds. */
  readonly firstMs: number;
  /** No window is longer. */
  readonly maxMs: number;
}

/** RFC 9520 section 3.2: a failure is held for at least a second, else a failing origin is asked in a tight loop. */
export const minWindowMs: number = 1000;

const permanent: Backoff = { firstMs: 60_000, maxMs: 86_400_000 };

/** Wait a minute, then 2, 4, 8 … up to a day for what is deterministic; a second up to 5 minutes for what goes away. */
export const defaultLadders: Readonly<Record<Exclude<FailureClass, 'never'>, Backoff>> = {
  absence: permanent,
  missing_version: permanent,
  permanent,
  transient: { firstMs: 1000, maxMs: 300_000 },
};

/**
 * How long a failure is held: `max(1000, min(maxMs, firstMs * 2^(rung-1)))`. A closed form of the rung, so that a
 * restored rung needs no history; finite for every rung.
 * @param rung - how many times in a row it has failed, from 1
 * @returns milliseconds from the instant at which the attempt ended
 */
export function windowMs(rung: number, { firstMs, maxMs }: Backoff): number {
  // 2^1023 is the largest power that a number holds; beyond it 0 * Infinity would be NaN.
  const doublings = Math.min(Math.max(rung - 1, 0), 1023);
  return Math.max(minWindowMs, Math.min(maxMs, firstMs * 2 ** doublings));
}
