import type { Failure } from '@safelight/core';
import { type Answer, type FailureAnswerOptions, failureAnswer } from './respond.ts';

interface Kept {
  readonly secondsUp: number;
  readonly secondsDown: number;
  readonly wants: FailureAnswerOptions['wants'];
  readonly placeholder: FailureAnswerOptions['placeholder'];
  readonly answer: Answer;
}

const MOST_KEPT = 256;
const LARGEST_KEPT_BYTES = 65_536;

/**
 * `failureAnswer` for failures that are hit again and again: what it makes changes only once a second, and formatting
 * a dozen headers is most of what a hit costs.
 */
export function createAnswerMemo(): (options: FailureAnswerOptions) => Answer {
  const memo = new Map<Failure, Kept>();
  return function rememberedAnswer(options) {
    const { outcome, wants, placeholder } = options;
    if (outcome.kind !== 'failed' || outcome.source !== 'held' || outcome.failure === undefined || !outcome.storable) {
      return failureAnswer(options);
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
      return kept.answer;
    }
    const answer = failureAnswer(options);
    if (placeholder !== undefined && placeholder.body.length > LARGEST_KEPT_BYTES) return answer;
    if (memo.size >= MOST_KEPT) memo.clear();
    memo.set(failure, { secondsUp, secondsDown, wants, placeholder, answer });
    return answer;
  };
}
