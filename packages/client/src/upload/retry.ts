import { isSafelightError, type SafelightError } from '../safelight-error.ts';
import { isOffline, pause } from './pause.ts';

export interface RetryOptions {
  /** The maximum number of attempts after the first one. */
  readonly retries: number;
  /** The maximum `Retry-After` for which the upload waits. */
  readonly maxRetryAfterMs: number;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Whether there may be another attempt after this failure. */
  readonly mayRepeat: (error: SafelightError) => boolean;
  /** Called when the next attempt waits for the network. */
  readonly onOffline: () => void;
}

const firstWaitMs = 300;
const maxWaitMs = 5_000;
const maxOfflineMs = 300_000;

/**
 * Repeats an attempt while `retryWaitMs` returns a time; rejects with the last failure. A failure while the browser is
 * offline is not counted: the next attempt waits for the network, up to 5 minutes.
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
        options.onOffline();
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
 * The time before the next attempt in milliseconds; `undefined` after a final response. An attempt is repeated when no
 * response arrived; after 408, 502, 503 and 504, which say that the server or a proxy could not handle the request at
 * this time; and with `Retry-After` (RFC 9110 section 10.2.3) after a 429, and after a 409, which says that an earlier
 * attempt still runs. Every other response is final. A `Retry-After` is the time; without one it is 300 ms, doubled after
 * each failure up to 5 s, plus up to a half of jitter.
 * @param failed - attempts that have failed, at least 1
 */
export function retryWaitMs(
  error: unknown,
  failed: number,
  { retries, maxRetryAfterMs, random, mayRepeat }: Omit<RetryOptions, 'signal' | 'onOffline'>,
): number | undefined {
  if (failed > retries || !isSafelightError(error) || !mayRepeat(error)) {
    return undefined;
  }
  const { status, retryAfterMs } = error;
  if (retryAfterMs !== undefined && /^(409|429|503)$/.test(`${status}`)) {
    return retryAfterMs <= maxRetryAfterMs ? retryAfterMs : undefined;
  }
  return /^(undefined|408|50[234])$/.test(`${status}`)
    ? Math.min(firstWaitMs * 2 ** (failed - 1), maxWaitMs) * (1 + random() / 2)
    : undefined;
}
