import { readHttpDate } from './http-date.ts';

/** RFC 9111 section 1.2.2 lets a longer delta mean this, 68 years. */
const maxSeconds = 2 ** 31;

/**
 * How long a `Retry-After` asks to wait, in milliseconds (RFC 9110 section 10.2.3): whole seconds or an HTTP date.
 * `undefined` when it is absent or malformed; 0 for a date in the past.
 *
 * @param now - epoch milliseconds
 * @param date - the `Date` of the same response. A date is measured against it, so that the two clocks may differ; without
 *   one it is measured against `now`.
 */
export function readRetryAfter(
  value: string | null | undefined,
  now: number,
  date?: string | null | undefined,
): number | undefined {
  const text = (value ?? '').trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), maxSeconds) * 1000;
  const at = readHttpDate(text, now);
  return at === undefined ? undefined : Math.max(0, at - (readHttpDate(date ?? '', now) ?? now));
}
