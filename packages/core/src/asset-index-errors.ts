/**
 * `AssetIndex.search` rejects with this error when a search takes too long. The same search would take as long again: the
 * caller should ask for less.
 *
 * @example
 * const error = new SearchTooLongError(10_000);
 * error.maxMs; // 10000
 */
export class SearchTooLongError extends Error {
  override readonly name = 'SearchTooLongError' as const;
  /** The limit, in milliseconds. */
  readonly maxMs: number;
  constructor(maxMs: number) {
    super(`The search has taken longer than ${maxMs / 1000} s. Search with fewer or narrower conditions.`);
    this.maxMs = maxMs;
  }
}

/**
 * A change of an asset rejects with this error when the index of assets could not note it. Nothing was changed, so the
 * caller may repeat the call.
 *
 * @example
 * const error = new IndexUnavailableError(new Error('disk is full'));
 * error.message; // 'The index of assets cannot be written, so nothing was changed: disk is full. Repeat the call later.'
 */
export class IndexUnavailableError extends Error {
  override readonly name = 'IndexUnavailableError' as const;
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The index of assets cannot be written, so nothing was changed: ${reason.replace(/\.$/, '')}. Repeat the call later.`,
      { cause },
    );
  }
}
