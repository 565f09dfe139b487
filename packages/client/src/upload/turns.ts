/**
 * Runs the work when it is its turn. From then on it rejects with the signal's reason as soon as it is aborted, which frees
 * the place; what was aborted before rejects at its turn, without work.
 */
export type Turns = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Lets at most so many works run at a time; the others wait in the order in which they came. */
export function createTurns(places: number): Turns {
  const waiting: (() => void)[] = [];
  // Below 0: how many are waiting.
  let free = places;
  return async function inTurn(signal, work) {
    if (--free < 0) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      signal.throwIfAborted();
      // Not every step can be aborted itself: somebody's signing server, for example.
      return await new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        work().then(resolve, reject);
      });
    } finally {
      free++;
      waiting.shift()?.();
    }
  };
}
