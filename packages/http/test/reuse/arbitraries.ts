import fc from 'fast-check';
import type { ResponseTimes } from '../../src/reuse/freshness.ts';
import type { ResponseHead } from '../../src/reuse/response-head.ts';
import { dayMs, httpDate, now } from './responses.ts';

/** Mostly within two hours; sometimes nearly 0, or near the largest time. */
export const seconds: fc.Arbitrary<number> = fc.oneof(
  { weight: 9, arbitrary: fc.nat(7200) },
  fc.nat(3),
  fc.nat(2 ** 33),
);

export const timeNames: readonly string[] = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'];

const time = fc
  .tuple(
    fc.constantFrom(...timeNames),
    fc.oneof({ weight: 9, arbitrary: seconds.map(String) }, fc.constantFrom('"7"', 'x')),
  )
  .map(([name, value]) => `${name}=${value}`);

const flag = fc.constantFrom(
  'no-store',
  'no-cache',
  'private',
  'public',
  'must-revalidate',
  'proxy-revalidate',
  'must-understand',
  'immutable',
  'unknown',
  'unknown="no-store, max-age=5"',
);

/** A `Cache-Control` of real directives, some of them repeated or with invalid values. */
export const directiveText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 3, arbitrary: time }, flag), { minLength: 1, maxLength: 4 })
  .map((members) => members.join(', '));

function mostly<T>(usual: fc.Arbitrary<T>, ...odd: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 4, arbitrary: usual }, fc.constantFrom(...odd));
}

const date = fc.integer({ min: -60, max: 180 }).map((minutes) => httpDate(now + minutes * 60_000));

/** Headers that affect whether and how long a response may be stored, in any combination. */
export function headers(cacheControl: fc.Arbitrary<string> = directiveText): fc.Arbitrary<ResponseHead['headers']> {
  return fc.record(
    {
      'cache-control': fc.oneof(cacheControl, fc.array(cacheControl, { maxLength: 2 })),
      expires: mostly(date, '0', '', '3000'),
      date: mostly(date, 'now'),
      age: mostly(fc.nat(3600).map(String), '-1', 'x', '5, 6', String(2 ** 33)),
      etag: fc.constant('"a"'),
      'last-modified': date,
      pragma: fc.constant('no-cache'),
      vary: mostly(fc.constant('accept'), '*', 'cookie'),
    },
    { requiredKeys: [] },
  );
}

/** Header fields of a request that say whether its response may be stored (RFC 9111 sections 3.5 and 5.2.1.5). */
export const requests: fc.Arbitrary<{ readonly authorization?: string; readonly 'cache-control'?: string }> =
  fc.constantFrom({}, {}, { authorization: 'Basic eDp5' }, { 'cache-control': 'no-store' });

/** A response, mostly a success. */
export const response: fc.Arbitrary<ResponseHead> = fc.record({
  status: mostly(fc.constant(200), 206, 301, 404, 500),
  headers: headers(mostly(directiveText, ';', 'a b', '"')),
});

/** Times up to a day after `now`. The response took up to 5 s. */
export const responseTimes: fc.Arbitrary<ResponseTimes> = fc
  .tuple(fc.nat(5000), fc.nat(dayMs))
  .map(([tookMs, laterMs]) => ({ requestedAt: now + laterMs - tookMs, respondedAt: now + laterMs }));
