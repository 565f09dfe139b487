/** A place in the code under test where a test can stop calls. */
export interface Gate {
  /** From now on calls wait here: all of them, or only the first `maxWaiting`. */
  close(maxWaiting?: number): void;
  /** Lets all calls continue, also those that wait. */
  open(): void;
  /** Resolves as soon as this number of calls waits. */
  waiting(count: number): Promise<void>;
  pass(): Promise<void>;
}

export function gate(): Gate {
  let maxWaiting = 0;
  let held: (() => void)[] = [];
  let watchers: { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    close(count = Infinity) {
      maxWaiting = count;
    },
    open() {
      maxWaiting = 0;
      for (const release of held) release();
      held = [];
    },
    waiting: (count) =>
      new Promise((resolve) => {
        if (held.length >= count) resolve();
        else watchers.push({ count, resolve });
      }),
    pass() {
      if (held.length >= maxWaiting) return Promise.resolve();
      return new Promise((release) => {
        held.push(release);
        for (const { count, resolve } of watchers) if (held.length >= count) resolve();
        watchers = watchers.filter(({ count }) => count > held.length);
      });
    },
  };
}

/** Resolves as soon as `count` of the promises have resolved, with their values. */
export function firstOf<T>(promises: readonly Promise<T>[], count: number): Promise<readonly T[]> {
  const done: T[] = [];
  return new Promise((resolve, reject) => {
    for (const promise of promises) {
      promise.then((value) => {
        done.push(value);
        if (done.length === count) resolve([...done]);
      }, reject);
    }
  });
}
