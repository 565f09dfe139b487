import type { AnswerHead, ReceivedFields } from '../../src/reuse/answer-head.ts';
import { createLivesOf, type Lives, type LivesOptions } from '../../src/reuse/lives.ts';

/** A whole second, as HTTP dates have them. */
export const now: number = Date.UTC(2026, 10, 3, 12, 0, 0);

export const secondMs = 1000;
export const dayMs = 86_400_000;

export function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

/** A handler's successful answer. */
export function ok(headers: AnswerHead['headers'] = {}): AnswerHead {
  return { status: 200, headers };
}

export function withCacheControl(...lines: readonly string[]): AnswerHead {
  return ok({ 'cache-control': lines });
}

export interface Asked {
  readonly request?: ReceivedFields;
  readonly requestedAt?: number;
  readonly respondedAt?: number;
}

/** The lives of an answer that came at once, at `now`. */
export function livesOf(
  answer: AnswerHead,
  { request = {}, requestedAt = now, respondedAt = now }: Asked = {},
  options?: LivesOptions,
): Lives | undefined {
  return createLivesOf(options)(request, answer, { requestedAt, respondedAt });
}

/** For how many seconds from `now` on an answer is fresh, while it may stand in for a revalidation, and for an error. */
export function secondsOf(lives: Lives | undefined): readonly [fresh: number, revalidating: number, onError: number] {
  if (lives === undefined) throw new Error('This answer is not kept.');
  const { freshUntil, whileRevalidatingUntil, ifErrorUntil } = lives;
  const seconds = (until: number) => (until - now) / secondMs;
  return [seconds(freshUntil), seconds(whileRevalidatingUntil), seconds(ifErrorUntil)];
}

export function freshSeconds(answer: AnswerHead, asked?: Asked): number {
  return secondsOf(livesOf(answer, asked))[0];
}
