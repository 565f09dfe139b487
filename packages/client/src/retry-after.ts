/**
 * How long an answer asks to wait, from `Retry-After` (RFC 9110 section 10.2.3): seconds or a date. A date is measured
 * against the answer's own `Date`, so that a wrong clock here does not matter.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') {
    return undefined;
  }
  if (/^\d+$/.test(text)) {
    return Number(text) * 1000;
  }
  const at = Date.parse(text);
  const sentAt = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(sentAt) ? now : sentAt));
}
