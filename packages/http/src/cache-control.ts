/**
 * The longest time for which a shared cache may store an error, in seconds. When the rest of the window is shorter, the
 * response states the rest of the window. So an edge cache that stores the error late drops the error when the window
 * ends. The time is short, because a CDN without a purge does not drop the error when the original arrives.
 */
export const maxSharedErrorSeconds = 60;

/** `Cache-Control` of a response that no cache may store. */
export const noStore = 'no-store';

/**
 * `Cache-Control` of an error or a placeholder. `s-maxage`: a shared cache may reuse the response until the window
 * ends, at most for 60 s. `max-age=0`: a browser must not reuse the response, because a browser's cache cannot be
 * purged.
 *
 * @param remainingMs - the rest of the window, in milliseconds
 * @example
 * errorCacheControl(12_500); // 'public, max-age=0, s-maxage=12, stale-while-revalidate=0'
 */
export function errorCacheControl(remainingMs: number): string {
  const shared = Math.min(Math.floor(remainingMs / 1000), maxSharedErrorSeconds);
  // Without `stale-while-revalidate=0`, a cache with a grace period would serve the error after the window has ended.
  return `public, max-age=0, s-maxage=${shared}, stale-while-revalidate=0`;
}

/**
 * `Cache-Control` of a derivative. `pinned`: the URL names exactly this version, so its bytes never change, and the
 * response is `immutable` (RFC 8246). `storable`: whether any cache may store the response.
 *
 * @example
 * derivativeCacheControl({ pinned: true, storable: true }); // 'public, max-age=31536000, immutable'
 * derivativeCacheControl({ pinned: false, storable: true }); // 'public, max-age=0, must-revalidate'
 */
export function derivativeCacheControl({
  pinned,
  storable,
}: {
  readonly pinned: boolean;
  readonly storable: boolean;
}): string {
  if (!storable) return noStore;
  return pinned ? 'public, max-age=31536000, immutable' : 'public, max-age=0, must-revalidate';
}

/**
 * Whole seconds for `Retry-After` (RFC 9110 section 10.2.3): rounded up, at least 1.
 *
 * @param remainingMs - the rest of the window, in milliseconds
 * @example
 * retryAfterSeconds(1200); // 2
 */
export function retryAfterSeconds(remainingMs: number): number {
  return Math.max(1, Math.ceil(remainingMs / 1000));
}
