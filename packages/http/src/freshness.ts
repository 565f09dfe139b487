/**
 * How long a shared cache may keep an error, in seconds. Counted down, so that an edge that is filled late lets go
 * with the window; and never long, because without a purger nothing takes it out of there when the original arrives.
 */
export const MOST_SHARED_ERROR_SECONDS = 60;

/** For an answer that nobody may keep. */
export const noStore = 'no-store';

/** `Cache-Control` of an error or placeholder. Browsers cannot be purged, so they are given nothing to keep. */
export function errorCacheControl(remainingMs: number): string {
  const shared = Math.min(Math.floor(remainingMs / 1000), MOST_SHARED_ERROR_SECONDS);
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

/** Whole seconds for `Retry-After` (RFC 9110 section 10.2.3): never early, never 0. */
export function retryAfterSeconds(remainingMs: number): number {
  return Math.max(1, Math.ceil(remainingMs / 1000));
}
