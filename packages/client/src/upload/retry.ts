import { isSafelightError } from '../safelight-error.ts';

export interface RetryOptions {
  /** Repeats at most, after the first attempt. */
  readonly retries: number;
  /** The longest `Retry-After` that is waited for. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Default `Math.random`. */
  readonly random?: () => number;
}

const firstWaitMs = 300;
const longestWaitMs = 5_000;

/** Repeats an attempt as long as `retryWaitMs` finds a reason to; rejects with the last failure. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = retryWaitMs(error, failed, options);
      if (waitMs === undefined || options.signal.aborted) {
        throw error;
      }
      await wait(waitMs, options.signal);
    }
  }
}

/**
 * How long to wait before the next attempt; `undefined`: there is none. A connection that was cut says nothing about the
 * upload, and a 503 that says when to come back is an invitation; everything else is an answer.
 * @param failed attempts so far, from 1
 */
export function retryWaitMs(
  error: unknown,
  failed: number,
  { retries, patienceMs, random = Math.random }: Omit<RetryOptions, 'signal'>,
): number | undefined {
  if (failed > retries || !isSafelightError(error)) {
    return undefined;
  }
  if (error.code === 'network') {
    return Math.min(firstWaitMs * 2 ** (failed - 1), longestWaitMs) * (1 + random() / 2);
  }
  const invited = error.code === 'rejected' && error.status === 503 ? error.retryAfterMs : undefined;
  return invited !== undefined && invited <= patienceMs ? invited : undefined;
}

/** Rejects with the signal's reason as soon as it is aborted. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
