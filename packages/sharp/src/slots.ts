/** Runs at most so many tasks at once; the others wait in line. */
export interface Slots {
  /**
   * Rejects with the signal's reason as soon as it aborts: a waiting task leaves the line and never starts, a running one
   * keeps its slot until it has really ended (native work cannot be stopped).
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
  readonly running: number;
  readonly waiting: number;
}

/** @param size - a whole number, at least 1 */
export function createSlots(size: number): Slots {
  // A Set keeps the order of arrival and lets one leave from the middle at once.
  const line = new Set<() => void>();
  let running = 0;

  function startNext(): void {
    const [next] = line;
    if (next === undefined || running >= size) return;
    line.delete(next);
    running += 1;
    next();
  }

  function leave(): void {
    running -= 1;
    startNext();
  }

  function run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        line.delete(start);
        reject(signal.reason);
      };
      const start = () => {
        // The promise is settled at most once, so a result that comes after an abort is dropped here.
        Promise.resolve()
          .then(task)
          .then(resolve, reject)
          .finally(() => {
            signal.removeEventListener('abort', onAbort);
            leave();
          });
      };
      signal.addEventListener('abort', onAbort, { once: true });
      line.add(start);
      startNext();
    });
  }

  return {
    run,
    get running() {
      return running;
    },
    get waiting() {
      return line.size;
    },
  };
}
