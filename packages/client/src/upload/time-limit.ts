import { SafelightError } from '../safelight-error.ts';
import { untilAborted } from '../until-aborted.ts';

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
