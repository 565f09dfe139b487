import { isThenable } from './run.ts';

/**
 * Wraps a hook of the application so that its errors cannot change a response. The error that it throws, or that its
 * promise rejects with, goes to `onFailed`.
 *
 * @param onFailed - must not throw
 */
export function quietly<Event>(
  hook: (event: Event) => unknown,
  onFailed: (error: unknown) => void,
): (event: Event) => void {
  return function callQuietly(event) {
    try {
      const returned = hook(event);
      if (isThenable(returned)) returned.then(undefined, onFailed);
    } catch (error) {
      onFailed(error);
    }
  };
}

/**
 * Wraps `onError` so that it never throws. Its own errors are ignored, because no other hook can report them.
 *
 * @example
 * const onError = quietOnError(() => {
 *   throw new Error('The logger has failed.');
 * });
 * onError(new Error('The store is down.')); // does not throw
 */
export function quietOnError(onError: (error: unknown) => unknown): (error: unknown) => void {
  return quietly(onError, () => {});
}
