import { readHttpDate } from './http-date.ts';

/** 68 years. RFC 9111 section 1.2.2 allows to read larger numbers as this one. */
const maxSeconds = 2 ** 31;

/**
 * Reads a `Retry-After` header: whole seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param now - epoch milliseconds
 * @param date - the `Date` header of the same response. The wait until an HTTP date is counted from it, because the
 *   clocks of client and server may differ. Without a valid `Date` it is counted from `now`.
 * @returns milliseconds; 0 for a date in the past; `undefined` when the header is absent or malformed
 * @example
 * readRetryAfter('120', Date.now()); // 120000
 * readRetryAfter('soon', Date.now()); // undefined
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
