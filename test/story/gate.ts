/** A place in the code under test where a test can make everything wait. */
export interface Gate {
  /** Whatever comes by from now on waits, or only so many. */
  close(most?: number): void;
  /** Lets everything through, those who wait included. */
  open(): void;
  /** Resolves as soon as so many wait. */
  waiting(count: number): Promise<void>;
  pass(): Promise<void>;
}

export function gate(): Gate {
  let most = 0;
  let held: (() => void)[] = [];
  let watchers: { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    close(count = Infinity) {
      most = count;
    },
    open() {
      most = 0;
      for (const release of held) release();
      held = [];
    },
    waiting: (count) =>
      new Promise((resolve) => {
        if (held.length >= count) resolve();
        else watchers.push({ count, resolve });
      }),
    pass() {
      if (held.length >= most) return Promise.resolve();
      return new Promise((release) => {
        held.push(release);
        for (const { count, resolve } of watchers) if (held.length >= count) resolve();
        watchers = watchers.filter(({ count }) => count > held.length);
      });
    },
  };
}

/** Resolves as soon as so many of these have settled, with those that have. */
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
