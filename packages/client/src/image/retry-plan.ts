const concurrency = 4;
/** Between two that start. */
export const spacingMs: number = 25;
const marginMs = 150;
const firstWaitMs = 5_000;
const longestWaitMs = 60_000;

/**
 * How long to wait before asking again. What is announced is waited for, and jitter only adds to it: asking too early is
 * one more failure. Where nothing is announced: 5 s, doubling to a minute.
 * @param failures so far, from 1
 * @param random from 0 to 1
 */
export function retryInMs(remainingMs: number | null | undefined, failures: number, random: number): number {
  const waitMs = Math.max(0, remainingMs ?? Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs));
  return waitMs + marginMs + (random * Math.max(waitMs, 1_000)) / 10;
}

/**
 * The next of those who wait, and how long until then; `undefined` when nobody can be next before something changes. A
 * page full of broken pictures gets them one after the other, not at once.
 * @param freeAt before which nobody may start, since somebody has just started
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
