import { AsyncLocalStorage } from 'node:async_hooks';

/** What emits `'error'`: Keyv 5 and 6, and anything else in the manner of an `EventEmitter`. */
export interface ErrorSource {
  on?(event: 'error', listener: (error: unknown) => void): unknown;
}

export interface Observed<Result> {
  readonly response: Result;
  /** The first error that was emitted during the call and may have been this call's; else `undefined`. */
  readonly error: unknown;
}

export type Observe = <Result>(call: () => Promise<Result>) => Promise<Observed<Result>>;

interface WatchedCall {
  error: unknown;
}

/**
 * Distinguishes calls that succeeded from calls that failed with an emitted error only.
 *
 * An error that was emitted in the asynchronous context of one of our calls counts for that call only: one refused
 * write must not turn all reads under way into an outage. An error from another context (a socket, a call by other
 * code) counts for every call that is under way, because any of them may have failed with it.
 *
 * Listening also keeps a dropped connection from ending the process, which an `'error'` event without listeners does.
 */
export function watchErrors(source: ErrorSource): Observe {
  const context = new AsyncLocalStorage<WatchedCall>();
  const underWay = new Set<WatchedCall>();
  source.on?.('error', (error) => {
    const own = context.getStore();
    const suspects = own !== undefined && underWay.has(own) ? [own] : underWay;
    for (const call of suspects) call.error ??= error ?? new Error('the store emitted an error without saying which');
  });
  return async (run) => {
    const call: WatchedCall = { error: undefined };
    underWay.add(call);
    try {
      const response = await context.run(call, run);
      return { response, error: call.error };
    } finally {
      underWay.delete(call);
    }
  };
}
