export interface TimeBudgetOptions {
  /** The share of the time that may be spent on average, 0 to 1. */
  readonly share: number;
  /** The time that may be spent at once after a time without work, in milliseconds. */
  readonly burstMs: number;
  /** The time that is reserved for work that has begun, in milliseconds. */
  readonly reservedMs: number;
  /** Milliseconds that only increase. @default performance.now */
  readonly now?: () => number;
}

/** Bounds the time that is spent on some kind of work. */
export interface TimeBudget {
  /**
   * Reserves time for a piece of work.
   * @returns a function to call at the end with the milliseconds that the work took; `undefined` when no time is left
   */
  begin(): ((tookMs: number) => void) | undefined;
}

export function createTimeBudget({ share, burstMs, reservedMs, now = monotonicMs }: TimeBudgetOptions): TimeBudget {
  let leftMs = burstMs;
  let countedAt = now();

  return {
    begin() {
      const at = now();
      leftMs = Math.min(burstMs, leftMs + (at - countedAt) * share);
      countedAt = at;
      if (leftMs < reservedMs) return undefined;
      leftMs -= reservedMs;
      return (tookMs) => {
        leftMs += reservedMs - tookMs;
      };
    },
  };
}

const monotonicMs = (): number => performance.now();
