/** So many calls a second in the long run, and so many at once after a quiet time. */
export interface TokenRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBucket {
  /** Calls that may come right now. */
  readonly tokens: number;
  /** Epoch milliseconds at which they were counted. */
  readonly countedAt: number;
}

/**
 * Takes a token, if there is one. A clock that is set back gives none and takes none away.
 *
 * @returns the bucket after it, and how long until there is a token again: 0 when one was taken
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
