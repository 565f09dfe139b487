/**
 * Runs the work when it is its turn. After that it rejects with the signal's reason as soon as it is aborted, which
 * frees the place. Work that was aborted before rejects at its turn, without running.
 */
export type Turns = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Runs at most `places` works at a time; the others wait in the order of their calls. */
export function createTurns(places: number): Turns {
  const waiting: (() => void)[] = [];
  // A number below 0 counts the waiting works.
  let free = places;
  return async function inTurn(signal, work) {
    if (--free < 0) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      signal.throwIfAborted();
      // Not every step can be aborted by itself: a call of the `sign` option, for example.
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
