import { createFreshnessOf, type Freshness, type FreshnessOptions } from '../../src/reuse/freshness.ts';
import type { ReceivedFields, ResponseHead } from '../../src/reuse/response-head.ts';

/** A whole second, as HTTP dates have them. */
export const now: number = Date.UTC(2026, 10, 3, 12, 0, 0);

export const secondMs = 1000;
export const dayMs = 86_400_000;

export function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

/** A handler's successful answer. */
export function ok(headers: ResponseHead['headers'] = {}): ResponseHead {
  return { status: 200, headers };
}

export function withCacheControl(...lines: readonly string[]): ResponseHead {
  return ok({ 'cache-control': lines });
}

export interface Asked {
  readonly request?: ReceivedFields;
  readonly requestedAt?: number;
  readonly respondedAt?: number;
}

/** The lives of an answer that came at once, at `now`. */
export function freshnessOf(
  response: ResponseHead,
  { request = {}, requestedAt = now, respondedAt = now }: Asked = {},
  options?: FreshnessOptions,
): Freshness | undefined {
  return createFreshnessOf(options)(request, response, { requestedAt, respondedAt });
}

/** For how many seconds from `now` on an answer is fresh, while it may stand in for a revalidation, and for an error. */
export function secondsOf(
  freshness: Freshness | undefined,
): readonly [fresh: number, revalidating: number, onError: number] {
  if (freshness === undefined) throw new Error('This answer is not kept.');
  const { freshUntil, whileRevalidatingUntil, ifErrorUntil } = freshness;
  const seconds = (until: number) => (until - now) / secondMs;
  return [seconds(freshUntil), seconds(whileRevalidatingUntil), seconds(ifErrorUntil)];
}

export function freshSeconds(response: ResponseHead, asked?: Asked): number {
  return secondsOf(freshnessOf(response, asked))[0];
}
