const concurrency = 4;
/** The time between the starts of two requests. */
export const spacingMs: number = 25;
const marginMs = 150;
const firstWaitMs = 5_000;
const maxWaitMs = 60_000;

/**
 * How long to wait before the next request. An announced time is waited for in full, and jitter only adds to it,
 * because a request that is too early fails once more. Without an announced time: 5 s, doubling to a minute.
 * @param failures so far, from 1
 * @param random from 0 to 1
 */
export function retryInMs(remainingMs: number | null | undefined, failures: number, random: number): number {
  const waitMs = Math.max(0, remainingMs ?? Math.min(firstWaitMs * 2 ** (failures - 1), maxWaitMs));
  return waitMs + marginMs + (random * Math.max(waitMs, 1_000)) / 10;
}

/**
 * The next waiting request, and the time until it starts; `undefined` when none can start before something changes. The
 * pictures of a page that all failed are requested one after the other, not at once.
 * @param freeAt no request may start before, since another one has just started
 */
export function nextRetry<R extends { readonly dueAt: number; readonly isSeen: boolean }>(
  waiting: Iterable<R>,
  { now, running, freeAt }: { readonly now: number; readonly running: number; readonly freeAt: number },
): { readonly retry: R; readonly inMs: number } | undefined {
  if (running >= concurrency) return undefined;
  let retry: R | undefined;
  for (const one of waiting) if (one.isSeen && !(retry && retry.dueAt <= one.dueAt)) retry = one;
  return retry && { retry, inMs: Math.max(0, retry.dueAt - now, freeAt - now) };
}
