import { AsyncLocalStorage } from 'node:async_hooks';

/** An object that emits `'error'`: Keyv 5 and 6, or any `EventEmitter`. */
export interface ErrorSource {
  on?(event: 'error', listener: (error: unknown) => void): unknown;
}

/** The result of a call, and the error that was emitted during it. */
export interface Observed<Result> {
  readonly result: Result;
  /** The first error that was emitted during the call and may belong to it; else `undefined`. */
  readonly error: unknown;
}

/** Makes a call and watches for errors during it. Rejects if the call rejects. */
export type Observe = <Result>(call: () => Promise<Result>) => Promise<Observed<Result>>;

interface WatchedCall {
  error: unknown;
}

/**
 * Finds calls that have failed with an emitted error and without a rejection.
 *
 * An error that was emitted in the asynchronous context of one call counts for that call only, so that one refused
 * write does not look like an outage to all reads in progress. An error from another context (a socket, a call by other
 * code) counts for all calls in progress, because each of them may have failed with it.
 *
 * The listener also prevents that a dropped connection ends the process: Node ends it for an `'error'` event without
 * listeners.
 */
export function watchErrors(source: ErrorSource): Observe {
  const context = new AsyncLocalStorage<WatchedCall>();
  const inProgress = new Set<WatchedCall>();
  source.on?.('error', (error) => {
    const own = context.getStore();
    const suspects = own !== undefined && inProgress.has(own) ? [own] : inProgress;
    for (const call of suspects) call.error ??= error ?? new Error('The store emitted `error` without an error.');
  });
  return async (makeCall) => {
    const call: WatchedCall = { error: undefined };
    inProgress.add(call);
    try {
      const result = await context.run(call, makeCall);
      return { result, error: call.error };
    } finally {
      inProgress.delete(call);
    }
  };
}
