/** The minimum time between the starts of two requests. */
export const spacingMs: number = 25;
const marginMs = 150;
const firstWaitMs = 5_000;
const maxWaitMs = 60_000;

/**
 * The time until the next request. It is never shorter than `remainingMs`, because a request that is too early fails
 * again; jitter only adds to it. Without `remainingMs` it starts at 5 s and doubles up to a minute.
 * @param failures - number of failures, at least 1
 * @param random - from 0 to 1
 */
export function retryInMs(remainingMs: number | null | undefined, failures: number, random: number): number {
  const waitMs = Math.max(0, remainingMs ?? Math.min(firstWaitMs * 2 ** (failures - 1), maxWaitMs));
  return waitMs + marginMs + (random * Math.max(waitMs, 1_000)) / 10;
}

/**
 * The waiting task that is next, and the time until it starts; `undefined` when no task can start at present. When all
 * pictures of a page have failed, they are requested one after the other and not all at once.
 * @param state - `now`, the number of tasks that may run in addition (`free`), and `freeAt`: the earliest start, as
 *   another one just started
 */
export function nextTask<Task extends { readonly dueAt: number; readonly isSeen: boolean }>(
  waiting: Iterable<Task>,
  { now, free, freeAt }: { readonly now: number; readonly free: number; readonly freeAt: number },
): { readonly task: Task; readonly inMs: number } | undefined {
  if (free <= 0) return undefined;
  let next: Task | undefined;
  for (const task of waiting) if (task.isSeen && !(next && next.dueAt <= task.dueAt)) next = task;
  return next && { task: next, inMs: Math.max(0, next.dueAt - now, freeAt - now) };
}
