import { TransformError } from '@safelight/core';

/** Runs tasks one after the other. */
export type OneAtATime = <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Creates a queue. A task that waits when its signal aborts never begins. A task that has begun holds its turn until it
 * ends or its signal aborts.
 *
 * @param maxWaiting - the next task is refused with `busy`, which is not held
 */
export function createOneAtATime(maxWaiting: number): OneAtATime {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;

  return async function oneAtATime(task, signal) {
    if (waiting >= maxWaiting) throw new TransformError('busy', 'Too many placeholders wait to be made');
    const before = last;
    const { promise, resolve: endTurn } = Promise.withResolvers<void>();
    last = promise;
    waiting += 1;
    await before;
    waiting -= 1;
    if (signal.aborted) {
      endTurn();
      throw signal.reason;
    }
    signal.addEventListener('abort', () => endTurn(), { once: true });
    try {
      return await task();
    } finally {
      endTurn();
    }
  };
}
