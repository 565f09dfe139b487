import type { Failure } from '@safelight/core';
import { type FailureResponseOptions, failureResponse } from './failure-response.ts';
import type { WholeResponse } from './write-response.ts';

interface RememberedResponse {
  readonly secondsUp: number;
  readonly secondsDown: number;
  readonly wants: FailureResponseOptions['wants'];
  readonly placeholder: FailureResponseOptions['placeholder'];
  readonly response: WholeResponse;
}

const MOST_KEPT = 256;
const LARGEST_KEPT_BYTES = 65_536;

/**
 * `failureResponse` for failures that are hit again and again: what it makes changes only once a second, and formatting
 * a dozen headers is most of what a hit costs.
 */
export function createFailureMemo(): (options: FailureResponseOptions) => WholeResponse {
  const memo = new Map<Failure, RememberedResponse>();
  return function rememberedResponse(options) {
    const { outcome, wants, placeholder } = options;
    if (outcome.kind !== 'failed' || outcome.source !== 'held' || outcome.failure === undefined || !outcome.storable) {
      return failureResponse(options);
    }
    const { failure, remainingMs } = outcome;
    const secondsUp = Math.ceil(remainingMs / 1000);
    const secondsDown = Math.floor(remainingMs / 1000);
    const kept = memo.get(failure);
    if (
      kept !== undefined &&
      kept.secondsUp === secondsUp &&
      kept.secondsDown === secondsDown &&
      kept.wants === wants &&
      kept.placeholder === placeholder
    ) {
      return kept.response;
    }
    const response = failureResponse(options);
    if (placeholder !== undefined && placeholder.body.length > LARGEST_KEPT_BYTES) return response;
    if (memo.size >= MOST_KEPT) memo.clear();
    memo.set(failure, { secondsUp, secondsDown, wants, placeholder, response });
    return response;
  };
}
