/** Runs a limited number of tasks at once; the others wait in a queue. */
export interface Slots {
  /**
   * Runs a task when a slot is free. Rejects with the signal's reason as soon as the signal aborts: a waiting task
   * leaves the queue and never starts; a running task occupies its slot until it ends, because native work in this process cannot be
   * stopped.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The number of occupied slots. */
  readonly running: number;
  /** The number of waiting tasks. */
  readonly waiting: number;
}

/** @param size - the number of slots: a whole number, at least 1 */
export function createSlots(size: number): Slots {
  // A Set is in the order of arrival, and an aborted task can leave it from the middle in constant time.
  const queue = new Set<() => void>();
  let running = 0;

  function startNext(): void {
    const [next] = queue;
    if (next === undefined || running >= size) return;
    queue.delete(next);
    running += 1;
    next();
  }

  function freeSlot(): void {
    running -= 1;
    startNext();
  }

  function run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        queue.delete(start);
        reject(signal.reason);
      };
      const start = () => {
        // A promise settles only once, so a result after an abort is ignored.
        Promise.resolve()
          .then(task)
          .then(resolve, reject)
          .finally(() => {
            signal.removeEventListener('abort', onAbort);
            freeSlot();
          });
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queue.add(start);
      startNext();
    });
  }

  return {
    run,
    get running() {
      return running;
    },
    get waiting() {
      return queue.size;
    },
  };
}
