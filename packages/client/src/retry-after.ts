/**
 * The `Retry-After` of a response, in milliseconds (RFC 9110 section 10.2.3): seconds, or a date, which counts from the
 * `Date` of the response. It reads only the form of dates that servers must send (section 5.6.7); `readRetryAfter` of
 * `@safelight/protocol`, which reads all forms, would add 400 bytes to every page that uploads.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = instantOf(text);
  return at && Math.max(0, at - (instantOf(headers.get('date') ?? '') ?? now));
}

/** Stricter than `Date.parse`, which takes "3000" for a year. */
function instantOf(text: string): number | undefined {
  return /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) || undefined : undefined;
}
