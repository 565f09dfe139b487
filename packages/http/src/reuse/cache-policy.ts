import CachePolicy from 'http-cache-semantics';
import { type AnswerHead, type Fields, fieldText, madeAt } from './answer-head.ts';
import { formatCacheDirectives, readCacheDirectives } from './cache-directives.ts';
import { readHttpDate } from './http-date.ts';

/**
 * Whether a shared cache may store an answer to a GET (RFC 9111 section 3), and how long the answer itself says that it
 * is fresh (section 4.2.1), is for http-cache-semantics to say. It reads no capitals, quoted commas or repetitions, and
 * dates as leniently as `Date.parse`; so it is given the same answer in words that have one reading.
 */
export function cachePolicyOf(request: Fields, { status, headers }: AnswerHead, respondedAt: number): CachePolicy {
  const directives = readCacheDirectives(headers);
  const authorization = fieldText(request, 'authorization');
  const expires = fieldText(headers, 'expires');
  return new CachePolicy(
    {
      headers: {
        ...(readCacheDirectives(request).noStore ? { 'cache-control': 'no-store' } : {}),
        ...(authorization === undefined ? {} : { authorization }),
      },
    },
    {
      status,
      headers: {
        'cache-control': formatCacheDirectives({
          ...directives,
          // RFC 9111 section 5.2.2.3: `no-store` is for caches that do not know the status. We know the one we keep.
          noStore: directives.noStore && !directives.mustUnderstand,
          // It would count as never fresh, though it is about stale answers only (section 5.2.2.8).
          proxyRevalidate: false,
        }),
        date: new Date(madeAt({ headers }, respondedAt)).toUTCString(),
        ...(expires === undefined ? {} : { expires: plainDate(expires, respondedAt) }),
      },
    },
    { shared: true },
  );
}

/** What is no date is a time in the past (RFC 9111 section 5.3). */
function plainDate(text: string, now: number): string {
  const at = readHttpDate(text, now);
  return at === undefined ? 'malformed' : new Date(at).toUTCString();
}
