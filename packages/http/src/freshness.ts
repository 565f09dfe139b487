/**
 * The longest time that a shared cache may store an error, in seconds. The value sent is the rest of the window when
 * that is shorter, so an edge cache that stores the error late drops it when the window ends. It is never long, because
 * without a purge nothing removes the error from a CDN when the original arrives.
 */
export const maxSharedErrorSeconds = 60;

/** `Cache-Control` of a response that no cache may store. */
export const noStore = 'no-store';

/** `Cache-Control` of an error or placeholder. Browser caches cannot be purged, so they may not reuse it. */
export function errorCacheControl(remainingMs: number): string {
  const shared = Math.min(Math.floor(remainingMs / 1000), maxSharedErrorSeconds);
  // Without the last directive, caches that serve stale within a grace period would show the error after its window.
  return `public, max-age=0, s-maxage=${shared}, stale-while-revalidate=0`;
}

/**
 * `Cache-Control` of a derivative. Only the bytes of exactly the version that the URL names never change (RFC 8246).
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

/** Whole seconds for `Retry-After` (RFC 9110 section 10.2.3): rounded up, at least 1. */
export function retryAfterSeconds(remainingMs: number): number {
  return Math.max(1, Math.ceil(remainingMs / 1000));
}
