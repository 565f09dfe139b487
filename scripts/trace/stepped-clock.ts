export interface SteppedClock {
  readonly clock: () => number;
  /** Moves the clock forward by one second. */
  nextSecond(): Promise<void>;
}

/** A clock that stands still between steps. */
export function steppedClock(): SteppedClock {
  let now = Date.now();
  return {
    clock: () => now,
    async nextSecond() {
      now += 1000;
    },
  };
}
