import type { CallStore } from './shared-values.ts';

export interface StoreCallsOptions {
  readonly clock: () => number;
  /** How long one call may take before it counts as failed, in milliseconds. */
  readonly callTimeoutMs: number;
  /** How long the store is not called after a failed call, in milliseconds. */
  readonly pauseMs: number;
  /** Called with the error of each failed call. Must not throw. */
  readonly onError: (error: unknown) => void;
}

/**
 * The calls of this process to a store that may be down or slow. An outage begins with a call that fails. It ends with a
 * successful read or a confirmed write, and with nothing else: a client that is offline refuses a write with `false`, as
 * a server does that is full.
 */
export interface StoreCalls {
  /** Calls the store, except during the pause after a failed call. */
  readonly call: CallStore;
  /** Calls the store also during the pause, for a caller that needs a confirmation. */
  readonly callNow: CallStore;
  /** Ends the pause, because the store has said that it can be called. The outage lasts until a call succeeds. */
  endPause(): void;
  /** Whether an outage is in progress. */
  isDown(): boolean;
  /** The number of outages so far, including the one in progress. */
  outages(): number;
}

export function createStoreCalls({ clock, callTimeoutMs, pauseMs, onError }: StoreCallsOptions): StoreCalls {
  let outages = 0;
  let isDown = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  let endedPauses = 0;

  function isPaused(): boolean {
    const sinceMs = clock() - failedAt;
    // A negative time means that the clock was set back. The pause must not last until the clock has caught up.
    return isDown && sinceMs >= 0 && sinceMs < pauseMs;
  }

  const callNow: CallStore = async (call) => {
    const endedBefore = endedPauses;
    try {
      const value = await within(callTimeoutMs, call);
      if (value !== false) isDown = false;
      return { value };
    } catch (error) {
      if (!isDown) outages += 1;
      // A failed call of `callNow` must not lengthen the pause: then frequent changes would prevent all reads. A call that
      // began before the store was ready says nothing about the store now.
      if (!isPaused() && endedPauses === endedBefore) failedAt = clock();
      isDown = true;
      onError(error);
      return undefined;
    }
  };

  return {
    call: async (call) => (isPaused() ? undefined : callNow(call)),
    callNow,
    endPause() {
      endedPauses += 1;
      failedAt = Number.NEGATIVE_INFINITY;
    },
    isDown: () => isDown,
    outages: () => outages,
  };
}

async function within<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The store did not respond within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
