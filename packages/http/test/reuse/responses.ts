import { createFreshnessOf, type Freshness, type FreshnessOptions } from '../../src/reuse/freshness.ts';
import type { ReceivedFields, ResponseHead } from '../../src/reuse/response-head.ts';

/** A whole second, like an HTTP date. */
export const now: number = Date.UTC(2026, 10, 3, 12, 0, 0);

export const secondMs = 1000;
export const dayMs = 86_400_000;

export function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

/** A successful response of a handler. */
export function ok(headers: ResponseHead['headers'] = {}): ResponseHead {
  return { status: 200, headers };
}

export function withCacheControl(...lines: readonly string[]): ResponseHead {
  return ok({ 'cache-control': lines });
}

export interface Exchange {
  readonly request?: ReceivedFields;
  readonly requestedAt?: number;
  readonly respondedAt?: number;
}

/** The freshness of a response that was requested and received at `now`. */
export function freshnessOf(
  response: ResponseHead,
  { request = {}, requestedAt = now, respondedAt = now }: Exchange = {},
  options?: FreshnessOptions,
): Freshness | undefined {
  return createFreshnessOf(options)(request, response, { requestedAt, respondedAt });
}

/** For how many seconds from `now` a response is fresh, may be served during a revalidation, and in place of an error. */
export function secondsOf(
  freshness: Freshness | undefined,
): readonly [fresh: number, revalidating: number, onError: number] {
  if (freshness === undefined) throw new Error('This response is not stored.');
  const { freshUntil, whileRevalidatingUntil, ifErrorUntil } = freshness;
  const seconds = (until: number) => (until - now) / secondMs;
  return [seconds(freshUntil), seconds(whileRevalidatingUntil), seconds(ifErrorUntil)];
}

export function freshSeconds(response: ResponseHead, exchange?: Exchange): number {
  return secondsOf(freshnessOf(response, exchange))[0];
}
