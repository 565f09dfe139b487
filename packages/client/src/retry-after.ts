/**
 * How long an answer asks to wait, from `Retry-After` (RFC 9110 section 10.2.3): seconds or a date. A date is measured
 * against the answer's own `Date`, so that a wrong clock here does not matter.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after') || 'none';
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Math.max(0, Date.parse(text) - (Date.parse(headers.get('date') ?? '') || now));
  return Number.isNaN(ms) ? undefined : ms;
}
