import type { FailureClass } from './failure-code.ts';

/**
 * How long failures of one class are held: a window of `firstMs`, which doubles with each further failure up to
 * `maxMs`.
 */
export interface Backoff {
  /** Window after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** The longest window, in milliseconds. */
  readonly maxMs: number;
}

/**
 * The shortest window, in milliseconds. Shorter windows would let clients request a failing origin in a tight loop, so
 * RFC 9520 section 3.2 requires at least one second (for failures of DNS resolution).
 */
export const minWindowMs: number = 1000;

const permanent: Backoff = { firstMs: 60_000, maxMs: 86_400_000 };

/**
 * The default windows of each class. Failures that repeat until something changes: 1 minute, then 2, 4, 8 … up to 24
 * hours. Transient failures: 1 second, then 2, 4, 8 … up to 5 minutes.
 */
export const defaultLadders: Readonly<Record<Exclude<FailureClass, 'never'>, Backoff>> = {
  absence: permanent,
  missing_version: permanent,
  permanent,
  transient: { firstMs: 1000, maxMs: 300_000 },
};

/**
 * How long a failure is held: `max(1000, min(maxMs, firstMs * 2^(rung-1)))`. The result depends on the rung alone, so a
 * stored rung is enough to continue after a restart.
 *
 * @param rung - the number of failures in a row, from 1; smaller numbers count as 1
 * @returns milliseconds, counted from the end of the attempt; finite for every rung
 * @example
 * windowMs(1, { firstMs: 60_000, maxMs: 86_400_000 }); // 60000
 * windowMs(3, { firstMs: 60_000, maxMs: 86_400_000 }); // 240000
 * windowMs(12, defaultLadders.transient); // 300000
 */
export function windowMs(rung: number, { firstMs, maxMs }: Backoff): number {
  // 2^1023 is the largest power that a number holds; beyond it 0 * Infinity would be NaN.
  const doublings = Math.min(Math.max(rung - 1, 0), 1023);
  return Math.max(minWindowMs, Math.min(maxMs, firstMs * 2 ** doublings));
}
