import { SafelightError } from '../safelight-error.ts';

/** Settles like `work`, but rejects with the signal's reason as soon as the signal is aborted. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    signal.addEventListener('abort', () => reject(signal.reason), { signal: listening.signal });
    if (signal.aborted) reject(signal.reason);
    work.then(resolve, reject).finally(() => listening.abort());
  });
}

/**
 * The result of an option that is a function of the user, such as `sign`. It may never settle, because it may wait for a
 * server that does not respond.
 * @throws {SafelightError} `stalled` when it has not settled in time; an abort rejects with the signal's reason
 */
export async function resultOf<T>(option: string, work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    const message = `The option ${option} has not settled for ${ms} ms.`;
    limit.abort(new SafelightError('stalled', message, { retryable: true }));
  }, ms);
  try {
    return await untilAborted(AbortSignal.any([signal, limit.signal]), work);
  } finally {
    clearTimeout(timer);
  }
}
