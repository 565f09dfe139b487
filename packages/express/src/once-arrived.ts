import { type Attempt, abandoned } from '@safelight/core';

type Work<T> = (attempt: Attempt) => Promise<T | typeof abandoned>;

/**
 * Work that does not begin while the original is arriving: whoever asks looks again when it is there. Waited for once; then
 * the handler says what there is.
 */
export function onceArrived<T>(work: Work<T>): Work<T> {
  let hasWaited = false;
  return function workOnceArrived(attempt) {
    const arrives = hasWaited ? undefined : attempt.changeEnds();
    if (arrives === undefined) return work(attempt);
    hasWaited = true;
    return arrives.then(() => abandoned);
  };
}
