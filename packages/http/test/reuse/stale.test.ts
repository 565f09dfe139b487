import assert from 'node:assert/strict';
import type { ResponseHead } from '../../src/reuse/response-head.ts';
import { dayMs, freshnessOf, ok, secondMs, secondsOf } from './responses.ts';

const day = dayMs / secondMs;
const withDirectives = (cacheControl: string): ResponseHead => ok({ etag: '"a"', 'cache-control': cacheControl });

describe('how long a stale response may be served', () => {
  const rows: readonly (readonly [rule: string, cacheControl: string, revalidating: number, onError: number])[] = [
    ['without directives about stale responses, staleIfErrorMs counts', 'max-age=60', 60, 60 + day],
    ['the same for a response that is always revalidated', 'max-age=0', 0, day],
    ['RFC 5861 3: stale-while-revalidate', 'max-age=60, stale-while-revalidate=30', 90, 60 + day],
    ['RFC 5861 4: stale-if-error, shorter than ours', 'max-age=60, stale-if-error=30', 60, 90],
    ['RFC 5861 4: stale-if-error, longer than ours', 'max-age=60, stale-if-error=864000', 60, 60 + 864_000],
    ['RFC 5861 4: stale-if-error of 0', 'max-age=60, stale-if-error=0', 60, 60],
    ['RFC 9111 4.2.1: twice, the shorter', 'max-age=60, stale-if-error=30, stale-if-error=9', 60, 69],
    ['RFC 9111 4.2.1: not a number', 'max-age=60, stale-while-revalidate, stale-if-error=long', 60, 60],
    ['RFC 9111 1.2.2: overflow', 'max-age=0, stale-while-revalidate=1e9, stale-if-error=99999999999', 0, 2 ** 31],
    ['RFC 9111 5.2.2.2: must-revalidate', 'max-age=60, must-revalidate', 60, 60],
    ['RFC 9111 5.2.2.8: proxy-revalidate', 'max-age=60, proxy-revalidate', 60, 60],
    ['RFC 9111 5.2.2.10: s-maxage', 's-maxage=60', 60, 60],
    ['RFC 9111 5.2.2.4: no-cache', 'no-cache', 0, 0],
    ['RFC 9111 5.2.2.4: no-cache for one field', 'max-age=60, no-cache="x-count"', 0, 0],
  ];
  for (const [rule, cacheControl, revalidating, onError] of rows) {
    it(`${rule}: ${revalidating} s and ${onError} s`, () => {
      assert.deepEqual(secondsOf(freshnessOf(withDirectives(cacheControl))).slice(1), [revalidating, onError]);
    });
  }

  for (const forbidding of ['must-revalidate', 'proxy-revalidate', 's-maxage=60', 'no-cache']) {
    it(`RFC 9111 4.2.4: ${forbidding} wins over the directives of RFC 5861`, () => {
      const allowed = 'max-age=60, stale-while-revalidate=600, stale-if-error=600';
      const [fresh, ...stale] = secondsOf(freshnessOf(withDirectives(`${allowed}, ${forbidding}`)));
      assert.deepEqual(stale, [fresh, fresh]);
    });
  }

  it('the option counts for responses that state no time', () => {
    const onError = (cacheControl: string, staleIfErrorMs: number) =>
      secondsOf(freshnessOf(withDirectives(cacheControl), {}, { staleIfErrorMs }))[2];
    assert.deepEqual([onError('max-age=60', 5000), onError('max-age=60', 0)], [65, 60]);
    assert.equal(onError('max-age=60, stale-if-error=9', 5000), 69);
    assert.equal(onError('max-age=60, must-revalidate', 5000), 60);
  });
});
