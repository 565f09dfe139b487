import assert from 'node:assert/strict';
import { ageSecondsOf, type FreshnessOptions } from '../../src/reuse/freshness.ts';
import type { ResponseHead } from '../../src/reuse/response-head.ts';
import {
  dayMs,
  freshnessOf,
  freshSeconds,
  httpDate,
  now,
  ok,
  secondMs,
  secondsOf,
  withCacheControl,
} from './responses.ts';

const day = dayMs / secondMs;
const expires = (seconds: number, more: ResponseHead['headers'] = {}) =>
  ok({ expires: httpDate(now + seconds * secondMs), ...more });

describe('how long a response is fresh', () => {
  const freshness: readonly (readonly [rule: string, response: ResponseHead, seconds: number])[] = [
    ['RFC 9111 4.2.1: max-age', withCacheControl('max-age=60'), 60],
    ['RFC 9111 4.2.1: s-maxage before max-age', withCacheControl('max-age=60, s-maxage=90'), 90],
    ['RFC 9111 4.2.1: s-maxage before max-age, shorter', withCacheControl('s-maxage=30, max-age=60'), 30],
    ['RFC 9111 4.2.1: max-age before Expires', expires(600, { 'cache-control': 'max-age=60' }), 60],
    ['RFC 9111 4.2.1: s-maxage before Expires', expires(600, { 'cache-control': 's-maxage=60' }), 60],
    ['RFC 9111 4.2.1: Expires', expires(600), 600],
    [
      'RFC 9111 4.2.1: Expires beside a Cache-Control without a lifetime',
      expires(600, { 'cache-control': 'public' }),
      600,
    ],
    ['RFC 9111 4.2.1: Expires counts from Date', expires(600, { date: httpDate(now + 60_000) }), 540],
    ['RFC 9111 4.2.1: the same for a Date in the past', expires(600, { date: httpDate(now - 60_000) }), 600],
    ['RFC 9111 1.2.2: an Expires that is too far away', ok({ expires: 'Fri, 31 Dec 9999 23:59:59 GMT' }), 2 ** 31],
    ['RFC 9111 5.3: an Expires in the past', expires(-600), 0],
    ['RFC 9111 5.3: Expires: 0', ok({ expires: '0' }), 0],
    ['RFC 9111 5.3: an Expires that only Date.parse can read', ok({ expires: '3000' }), 0],
    ['RFC 9111 5.3: an empty Expires', ok({ expires: '' }), 0],
    ['RFC 9111 4.2.1: two Expires', ok({ expires: [httpDate(now + 60_000), httpDate(now + 90_000)] }), 0],
    ['RFC 9111 4.2: an Expires in another zone', ok({ expires: 'Thu, 03 Nov 2027 12:00:00 EST' }), 0],
    ['RFC 9111 4.2.1: twice, the shorter', withCacheControl('max-age=60, max-age=30'), 30],
    ['RFC 9111 4.2.1: twice, on two lines', withCacheControl('max-age=30', 'max-age=60'), 30],
    ['RFC 9111 4.2.1: twice, once malformed', withCacheControl('max-age=60, max-age=soon'), 0],
    ['RFC 9111 4.2.1: not a number', withCacheControl('max-age=soon'), 0],
    ['RFC 9111 4.2.1: not an integer', withCacheControl('max-age=60.5'), 0],
    ['RFC 9111 4.2.1: digits with a suffix', withCacheControl('max-age=60s'), 0],
    ['RFC 9111 4.2.1: without a value', withCacheControl('max-age'), 0],
    ['RFC 9111 4.2.1: negative', withCacheControl('max-age=-60'), 0],
    [
      'RFC 9111 4.2.1: malformed s-maxage beside max-age',
      ok({ etag: '"a"', 'cache-control': 's-maxage=x, max-age=9' }),
      0,
    ],
    ['RFC 9111 1.2.2: overflow', withCacheControl('max-age=99999999999999999999'), 2 ** 31],
    ['RFC 9111 1.2.2: leading zeros', withCacheControl('max-age=0060'), 60],
    ['RFC 9111 5.2: quoted', withCacheControl('max-age="60"'), 60],
    ['RFC 9111 5.2: in single quotes', withCacheControl("max-age='60'"), 0],
    ['RFC 9111 5.2: in capitals', withCacheControl('Max-Age=60'), 60],
    ['RFC 9111 5.2: inside another value', withCacheControl('x="max-age=600", max-age=60'), 60],
    ['RFC 9111 5.2: empty members', withCacheControl(', ,max-age=60,,'), 60],
    ['RFC 9111 5.2.2.4: no-cache before any lifetime', ok({ etag: '"a"', 'cache-control': 'no-cache, max-age=60' }), 0],
    ['RFC 9111 5.4: Pragma', ok({ etag: '"a"', pragma: 'no-cache' }), 0],
    ['RFC 9111 5.4: Pragma beside Cache-Control', ok({ pragma: 'no-cache', 'cache-control': 'max-age=60' }), 60],
    ['RFC 9111 5.2.2.2: must-revalidate is about stale responses', withCacheControl('must-revalidate, max-age=60'), 60],
    [
      'RFC 9111 5.2.2.8: proxy-revalidate is about stale responses',
      withCacheControl('proxy-revalidate, max-age=60'),
      60,
    ],
    ['RFC 8246: immutable does not extend the lifetime', withCacheControl('immutable, max-age=60'), 60],
    [
      'RFC 9213 2.2: a lifetime for other caches',
      ok({ 'cdn-cache-control': 'max-age=600', 'cache-control': 'max-age=60' }),
      60,
    ],
    [
      'a lifetime only for other caches',
      ok({ 'cdn-cache-control': 'max-age=60', 'surrogate-control': 'max-age=60' }),
      day,
    ],
    ['RFC 9111 4.2.2: no field states a lifetime', ok(), day],
    ['RFC 9111 4.2.2: directives without a lifetime', withCacheControl('public, immutable'), day],
    ['RFC 9111 4.2.2: only Last-Modified', ok({ 'last-modified': httpDate(now - 1000) }), day],
    ['RFC 9111 5.2.3: an unknown directive', withCacheControl('max-age-10'), day],
  ];
  for (const [rule, response, seconds] of freshness) {
    it(`${rule}: ${seconds} s`, () => assert.equal(freshSeconds(response), seconds));
  }

  it('silentFreshMs is the lifetime of responses that state none; with 0 they are always revalidated', () => {
    const freshFor = (silentFreshMs: number) => secondsOf(freshnessOf(ok({ etag: '"a"' }), {}, { silentFreshMs }))[0];
    assert.deepEqual([freshFor(0), freshFor(7000)], [0, 7]);
    assert.equal(secondsOf(freshnessOf(withCacheControl('max-age=60'), {}, { silentFreshMs: 7000 }))[0], 60);
  });

  it('RFC 9111 5.2.1: directives of a request do not change the lifetime', () => {
    const directives = [
      'no-cache',
      'max-age=0',
      'max-age=5',
      'max-stale',
      'min-fresh=600',
      'only-if-cached',
      'stale-if-error=9',
    ];
    const plain = freshnessOf(withCacheControl('max-age=60'));
    for (const directive of directives) {
      const request = { 'cache-control': directive, pragma: 'no-cache' };
      assert.deepEqual(freshnessOf(withCacheControl('max-age=60'), { request }), plain, directive);
    }
  });
});

describe('how old a response is', () => {
  const ages: readonly (readonly [rule: string, headers: ResponseHead['headers'], seconds: number])[] = [
    ['RFC 9110 6.6.1: no Date', {}, 2],
    ['RFC 9110 6.6.1: a Date that cannot be read', { date: 'yesterday' }, 2],
    ['RFC 9110 6.6.1: a Date that was never set', { date: 'Mon, 01 Jan 0001 00:00:00 GMT' }, 2],
    ['RFC 9111 4.2.3: a Date in the future', { date: httpDate(now + 60_000) }, 2],
    ['RFC 9111 4.2.3: a Date in the past', { date: httpDate(now - 60_000) }, 60],
    ['RFC 9111 4.2.3: an Age, and the time until the response', { age: '30' }, 32],
    ['RFC 9111 4.2.3: the older of Age and Date', { age: '30', date: httpDate(now - 60_000) }, 60],
    ['RFC 9111 4.2.3: the older of Date and Age', { age: '90', date: httpDate(now - 60_000) }, 92],
    ['RFC 9111 5.1: the first of several', { age: ['30', '0'] }, 32],
    ['RFC 9111 5.1: the first of a list', { age: '0, 7200' }, 2],
    ['RFC 9111 5.1: negative', { age: '-30' }, 2],
    ['RFC 9111 5.1: not an integer', { age: '30.0' }, 2],
    ['RFC 9111 5.1: not a number', { age: 'old' }, 2],
    ['RFC 9111 1.2.2: overflow', { age: '99999999999999999999' }, 2 ** 31],
  ];
  for (const [rule, headers, seconds] of ages) {
    it(`${rule}: ${seconds} s`, () => {
      const freshness = freshnessOf(ok({ 'cache-control': 'max-age=600', etag: '"a"', ...headers }), {
        requestedAt: now - 2000,
      });
      assert.ok(freshness);
      assert.equal(ageSecondsOf(freshness, now), seconds);
      assert.equal(freshness.freshUntil, now + 600_000 - seconds * secondMs);
    });
  }

  it('RFC 9111 5.1: whole seconds, rounded down', () => {
    const freshness = freshnessOf(ok({ age: '30' }));
    assert.ok(freshness);
    assert.deepEqual(
      [0, 999, 1000, 61_500].map((ms) => ageSecondsOf(freshness, now + ms)),
      [30, 30, 31, 91],
    );
  });

  it('RFC 9111 1.2.2: the largest age is 2 ** 31 seconds', () => {
    const freshness = freshnessOf(ok());
    assert.ok(freshness);
    assert.equal(ageSecondsOf(freshness, now + 2 ** 33 * secondMs), 2 ** 31);
  });

  it('RFC 9110 6.6.1: without a Date, a response is stale exactly at Expires', () => {
    const respondedAt = now + 500;
    const freshness = freshnessOf(expires(60), { requestedAt: respondedAt, respondedAt });
    assert.equal(freshness?.freshUntil, now + 60 * secondMs);
  });

  it('a clock that is set back does not make a response younger than when it was received', () => {
    const freshness = freshnessOf(ok({ age: '30' }), { requestedAt: now + 60_000 });
    assert.ok(freshness);
    assert.equal(ageSecondsOf(freshness, now - dayMs), 30);
  });

  const options: FreshnessOptions = { silentFreshMs: 60_000 };
  it('the time until the response also counts without a stated lifetime', () => {
    assert.equal(secondsOf(freshnessOf(ok(), { requestedAt: now - 2000 }, options))[0], 58);
  });
});
