import { isSafelightError, type SafelightError } from '../safelight-error.ts';
import { isOffline, pause } from './pause.ts';

export interface RetryOptions {
  /** The maximum number of repeats after the first attempt. */
  readonly retries: number;
  /** The maximum `Retry-After` that is waited for. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Whether this failure may have another attempt at all. */
  readonly mayRepeat: (error: SafelightError) => boolean;
}

const firstWaitMs = 300;
const maxWaitMs = 5_000;
const maxOfflineMs = 300_000;

/**
 * Repeats an attempt while `retryWaitMs` returns a time; rejects with the last failure. A failure without a network is
 * not counted: the next attempt waits for the network.
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal } = options;
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      const isCounted = !isOffline();
      const waitMs = retryWaitMs(error, isCounted ? failed : 1, options);
      if (waitMs === undefined || signal.aborted) {
        throw error;
      }
      if (!isCounted) {
        failed--;
        await pause(maxOfflineMs, signal, 'online');
        if (isOffline()) {
          throw error;
        }
      }
      await pause(waitMs, signal);
    }
  }
}

/**
 * How long to wait before the next attempt; `undefined`: there is none. An attempt is repeated when no response
 * arrived, and after a 503 with `Retry-After`. Every other response is final.
 * @param failed attempts so far, from 1
 */
export function retryWaitMs(
  error: unknown,
  failed: number,
  { retries, patienceMs, random, mayRepeat }: Omit<RetryOptions, 'signal'>,
): number | undefined {
  if (failed > retries || !isSafelightError(error) || !mayRepeat(error)) {
    return undefined;
  }
  const { status, retryAfterMs } = error;
  if (status === undefined) {
    return Math.min(firstWaitMs * 2 ** (failed - 1), maxWaitMs) * (1 + random() / 2);
  }
  return status === 503 && retryAfterMs !== undefined && retryAfterMs <= patienceMs ? retryAfterMs : undefined;
}
