import type { Failure } from '@safelight/core';
import { LRUCache } from 'lru-cache';
import { type FailureResponseOptions, failureResponse } from './failure-response.ts';
import type { WholeResponse } from './write-response.ts';

/** A response, with the inputs that it was made from. */
interface Memo {
  readonly secondsUp: number;
  readonly secondsDown: number;
  readonly wants: FailureResponseOptions['wants'];
  readonly placeholder: FailureResponseOptions['placeholder'];
  readonly vary: FailureResponseOptions['vary'];
  readonly response: WholeResponse;
}

const maxMemos = 256;
const maxPlaceholderBytes = 65_536;

/**
 * Makes a memoized `failureResponse`, for failures that many requests meet. The response changes only once a second, and
 * most of the time of such a request is spent on formatting a dozen headers. The memo holds the 256 failures that were
 * used last, but no response with a placeholder of more than 64 KiB.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * const response = createFailureMemo();
 * createServer((req, res) => {
 *   const outcome = { kind: 'busy', retryAfterMs: 2000 } as const;
 *   writeResponse(req, res, response({ outcome, wants: wants(req), tags: () => [] }));
 * });
 */
export function createFailureMemo(): (options: FailureResponseOptions) => WholeResponse {
  const memo = new LRUCache<Failure, Memo>({ max: maxMemos });
  return function memoizedResponse(options) {
    const { outcome, wants, placeholder } = options;
    if (outcome.kind !== 'failed' || outcome.source !== 'held' || outcome.failure === undefined || !outcome.storable) {
      return failureResponse(options);
    }
    const { failure, remainingMs } = outcome;
    const secondsUp = Math.ceil(remainingMs / 1000);
    const secondsDown = Math.floor(remainingMs / 1000);
    const known = memo.get(failure);
    if (
      known !== undefined &&
      known.secondsUp === secondsUp &&
      known.secondsDown === secondsDown &&
      known.wants === wants &&
      known.placeholder === placeholder &&
      known.vary === options.vary
    ) {
      return known.response;
    }
    const response = failureResponse(options);
    if (placeholder !== undefined && placeholder.body.length > maxPlaceholderBytes) return response;
    memo.set(failure, { secondsUp, secondsDown, wants, placeholder, vary: options.vary, response });
    return response;
  };
}
