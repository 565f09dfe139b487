/** A rate of calls per second in the long run, and a number of calls at once after a quiet time. */
export interface TokenRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBucket {
  /** The number of calls that are allowed now. */
  readonly tokens: number;
  /** When the tokens were counted; epoch milliseconds. */
  readonly countedAt: number;
}

/**
 * Takes a token, if there is one. A clock that is set back neither adds nor removes tokens.
 *
 * @returns the new bucket, and the time until the next token: 0 when one was taken
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
