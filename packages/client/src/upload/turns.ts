import { untilAborted } from '../until-aborted.ts';

/**
 * Calls `work` when it is its turn, and then rejects with the signal's reason as soon as the signal is aborted; the next
 * call can start. When the signal is aborted before the turn, it rejects at its turn without calling `work`.
 */
export type Turns = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Runs at most `concurrency` calls at a time; the others wait in their order. */
export function createTurns(concurrency: number): Turns {
  const waiting: (() => void)[] = [];
  /** When it is negative, that many calls are waiting. */
  let free = concurrency;
  return async function inTurn(signal, work) {
    if (--free < 0) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      signal.throwIfAborted();
      // Not every step observes the signal.
      return await untilAborted(signal, work());
    } finally {
      free++;
      waiting.shift()?.();
    }
  };
}
