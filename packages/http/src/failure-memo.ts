import type { Failure } from '@safelight/core';
import { LRUCache } from 'lru-cache';
import { type FailureResponseOptions, failureResponse } from './failure-response.ts';
import type { WholeResponse } from './write-response.ts';

interface Memo {
  readonly secondsUp: number;
  readonly secondsDown: number;
  readonly wants: FailureResponseOptions['wants'];
  readonly placeholder: FailureResponseOptions['placeholder'];
  readonly response: WholeResponse;
}

const maxMemos = 256;
const maxPlaceholderBytes = 65_536;

/**
 * A memoized `failureResponse`, for failures that many requests hit: its result changes only once a second, and
 * formatting a dozen headers is most of the cost of a hit.
 */
export function createFailureMemo(): (options: FailureResponseOptions) => WholeResponse {
  const memo = new LRUCache<Failure, Memo>({ max: maxMemos });
  return function rememberedResponse(options) {
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
      known.placeholder === placeholder
    ) {
      return known.response;
    }
    const response = failureResponse(options);
    if (placeholder !== undefined && placeholder.body.length > maxPlaceholderBytes) return response;
    memo.set(failure, { secondsUp, secondsDown, wants, placeholder, response });
    return response;
  };
}
