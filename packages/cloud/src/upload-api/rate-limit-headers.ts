/** The calls in an hour that a response names as allowed. No call is counted, and none is refused because of it. */
const calls = 1_000_000;
const hourMs = 3_600_000;

/** The names of the headers, which pages may read too. */
export const rateLimitHeaderNames = [
  'X-FeatureRateLimit-Limit',
  'X-FeatureRateLimit-Remaining',
  'X-FeatureRateLimit-Reset',
] as const;

/**
 * The headers of the Admin API from which the official SDKs read their rate limit. The Admin API has no limit here, so all
 * calls always remain: tools compute with these numbers, and some fail without them.
 *
 * @param now - epoch milliseconds
 * @returns the limit, what remains of it, and the next full hour, when Cloudinary would begin to count anew
 */
export function rateLimitHeaders(now: number): Readonly<Record<(typeof rateLimitHeaderNames)[number], string>> {
  const resetAt = (Math.floor(now / hourMs) + 1) * hourMs;
  return {
    'X-FeatureRateLimit-Limit': String(calls),
    'X-FeatureRateLimit-Remaining': String(calls),
    'X-FeatureRateLimit-Reset': new Date(resetAt).toUTCString(),
  };
}
