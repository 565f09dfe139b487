/** A limit on the number of calls. */
export interface TokenRate {
  /** Calls per second, on average. */
  readonly perSecond: number;
  /** Calls at once, after a time without calls. */
  readonly burst: number;
}

/** The state between two calls. */
export interface TokenBucket {
  /** The number of calls that are allowed now. */
  readonly tokens: number;
  /** When `tokens` was computed; epoch milliseconds. */
  readonly countedAt: number;
}

/**
 * Takes a token, if there is one. A clock that is set back neither adds nor removes tokens.
 *
 * @returns the new bucket, and the milliseconds until the next token: 0 when a token was taken
 */
export function takeToken(
  { tokens, countedAt }: TokenBucket,
  now: number,
  { perSecond, burst }: TokenRate,
): { readonly bucket: TokenBucket; readonly waitMs: number } {
  const gained = (Math.max(0, now - countedAt) / 1000) * perSecond;
  const filled = Math.min(burst, tokens + gained);
  if (filled >= 1) return { bucket: { tokens: filled - 1, countedAt: now }, waitMs: 0 };
  return { bucket: { tokens: filled, countedAt: now }, waitMs: ((1 - filled) / perSecond) * 1000 };
}
