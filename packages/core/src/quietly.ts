import { isThenable } from './run.ts';

/**
 * A hook of the application that cannot change what a request gets: what it throws, or what its promise rejects with,
 * goes to `onFailed`.
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

/** `onError` itself, made so that it cannot throw: nothing else could be told of its error. */
export function quietOnError(onError: (error: unknown) => unknown): (error: unknown) => void {
  return quietly(onError, () => {});
}
