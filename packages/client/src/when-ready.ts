import { type ExpectedOptions, expectOptions, type ResourceType } from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { type FindOptions, findOptionPatterns } from './find.ts';
import { longWait } from './option-patterns.ts';
import { isSafelightError, SafelightError } from './safelight-error.ts';
import { isOffline, pause } from './upload/pause.ts';

export interface WhenReadyOptions extends FindOptions {
  /**
   * The maximum time to wait. It includes the time in which the page is hidden or offline.
   * @default 300_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Waits for a version that is newer than this one, in Unix seconds: for the next upload of an existing asset.
   * @default 0
   */
  readonly newerThan?: number | undefined;
}

const patterns: ExpectedOptions<WhenReadyOptions> = {
  ...findOptionPatterns,
  timeoutMs: longWait,
  newerThan: /^number/,
};

interface FindOnce {
  readonly resourceType: ResourceType;
  readonly signal: AbortSignal;
}

export interface WhenReadyParts {
  /** Requests the current version once, without repeats. */
  readonly find: (publicId: string, options: FindOnce) => Promise<AssetRef | undefined>;
  readonly random: () => number;
  /**
   * Whether to send no request until the next of `wakingEvents`.
   * @default whether the page is hidden or offline
   */
  readonly isAsleep?: (() => boolean) | undefined;
  /** @default the pause by the page's timers and events */
  readonly pause?: ((ms: number, signal: AbortSignal, ...events: readonly string[]) => Promise<void>) | undefined;
}

export type WhenReady = (publicId: string, options?: WhenReadyOptions) => Promise<AssetRef>;

interface Waiter {
  readonly newerThan: number;
  readonly resolve: (ref: AssetRef) => void;
  readonly reject: (error: unknown) => void;
}

/** The requests for one asset, shared by all calls that wait for it. */
interface Poll {
  readonly waiters: Set<Waiter>;
  /** Aborted when the last call has stopped waiting. */
  readonly ended: AbortController;
  /** Ends the wait before the next request. Aborted when another call joins. */
  delay: AbortController;
  /** Requests without success since the last call joined. */
  attempts: number;
  lastFailure: SafelightError | undefined;
}

const wakingEvents = ['visibilitychange', 'online'];
const firstPollMs = 1_000;
const maxPollMs = 15_000;

/**
 * The time until the next request: 1 s, then 1.5 times the previous time, up to 15 s. Jitter adds up to a quarter.
 * @param attempts - requests without success, at least 1
 */
export function pollWaitMs(attempts: number, random: () => number): number {
  return Math.min(firstPollMs * 1.5 ** (attempts - 1), maxPollMs) * (1 + random() / 4);
}

/**
 * Waits for the upload of another client. It requests only the control route, never a delivery URL: at once, then less
 * and less often. All calls for the same asset share these requests.
 *
 * The promise rejects with `not_ready_in_time`, with the signal's reason, or at once with an error that is not
 * `retryable`.
 */
export function createWhenReady({
  find,
  random,
  isAsleep = isHiddenOrOffline,
  pause: wait = pause,
}: WhenReadyParts): WhenReady {
  const polls = new Map<string, Poll>();

  async function run(poll: Poll, publicId: string, resourceType: ResourceType): Promise<void> {
    const { waiters, ended } = poll;
    while (waiters.size > 0) {
      let minMs = 0;
      try {
        while (isAsleep()) {
          await wait(Number.POSITIVE_INFINITY, ended.signal, ...wakingEvents);
        }
        const ref = await find(publicId, { resourceType, signal: ended.signal });
        for (const { newerThan, resolve } of waiters) {
          if (ref !== undefined && ref.version > newerThan) {
            resolve(ref);
          }
        }
      } catch (error) {
        if (!isSafelightError(error) || !error.retryable) {
          for (const { reject } of waiters) reject(error);
          return;
        }
        poll.lastFailure = error;
        minMs = error.retryAfterMs ?? 0;
      }
      poll.attempts++;
      poll.delay = new AbortController();
      await wait(
        Math.max(minMs, pollWaitMs(poll.attempts, random)),
        AbortSignal.any([ended.signal, poll.delay.signal]),
      ).catch(() => undefined);
    }
  }

  return function whenReady(publicId, options = {}) {
    expectOptions('whenReady()', options, patterns);
    const { resourceType = 'image', timeoutMs = 300_000, newerThan = 0, signal } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const key = `${resourceType}/${publicId}`;
      const joined = polls.get(key);
      const poll = joined ?? newPoll();
      const settled = new AbortController();
      const settle = (report: () => void): void => {
        settled.abort();
        signal?.removeEventListener('abort', leave);
        poll.waiters.delete(waiter);
        if (poll.waiters.size === 0) {
          polls.delete(key);
          poll.ended.abort();
        }
        report();
      };
      const waiter: Waiter = {
        newerThan,
        resolve: (ref) => settle(() => resolve(ref)),
        reject: (error) => settle(() => reject(error)),
      };
      const leave = (): void => waiter.reject(signal?.reason);
      const late = (): void => waiter.reject(notReady(publicId, timeoutMs, poll.lastFailure));
      signal?.addEventListener('abort', leave);
      wait(timeoutMs, settled.signal).then(late, () => undefined);
      poll.waiters.add(waiter);
      poll.attempts = 0;
      if (joined === undefined) {
        polls.set(key, poll);
        run(poll, publicId, resourceType);
      } else {
        poll.delay.abort();
      }
    });
  };
}

function newPoll(): Poll {
  return {
    waiters: new Set(),
    ended: new AbortController(),
    delay: new AbortController(),
    attempts: 0,
    lastFailure: undefined,
  };
}

function notReady(publicId: string, timeoutMs: number, cause: SafelightError | undefined): SafelightError {
  return new SafelightError('not_ready_in_time', `"${publicId}" was not ready within ${timeoutMs} ms.`, {
    retryable: true,
    publicId,
    hint: 'Wait again, or raise timeoutMs.',
    cause,
  });
}

function isHiddenOrOffline(): boolean {
  return isOffline() || globalThis.document?.visibilityState === 'hidden';
}
