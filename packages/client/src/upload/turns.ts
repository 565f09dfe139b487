/** Runs the work when it is its turn. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets at most so many works run at a time; the others wait in the order in which they came. */
export function createTurns(places: number): Turns {
  const waiting: (() => void)[] = [];
  // Below 0: how many are waiting.
  let free = places;
  return async function inTurn(work) {
    if (--free < 0) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      free++;
      waiting.shift()?.();
    }
  };
}
