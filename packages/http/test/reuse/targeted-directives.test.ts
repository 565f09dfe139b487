import assert from 'node:assert/strict';
import { createFreshnessOf } from '../../src/reuse/freshness.ts';
import type { ResponseHead } from '../../src/reuse/response-head.ts';
import { freshnessOf, httpDate, now, ok, secondsOf } from './responses.ts';

const targets = ['Own-Cache-Control', 'CDN-Cache-Control'];

/** For how many seconds the response is fresh; `undefined` when it is not stored. */
function freshFor(headers: ResponseHead['headers']): number | undefined {
  const freshness = freshnessOf(ok(headers), {}, { targets, silentFreshMs: 7000 });
  return freshness && secondsOf(freshness)[0];
}

describe('targeted fields (RFC 9213)', () => {
  const rows: readonly (readonly [rule: string, headers: ResponseHead['headers'], seconds: number | undefined])[] = [
    ['2.2: replaces Cache-Control', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age=60' }, 60],
    ['2.2: also no-store', { 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=60' }, 60],
    ['2.2: replaces Expires', { expires: httpDate(now + 5000), 'cdn-cache-control': 'max-age=60' }, 60],
    ['2.2: Expires does not count beside it', { expires: httpDate(now + 5000), 'cdn-cache-control': 'public' }, 7],
    ['2.2: Pragma does not count beside it', { pragma: 'no-cache', 'cdn-cache-control': 'max-age=60' }, 60],
    ['2.2: the first of the list counts', { 'cdn-cache-control': 'max-age=60', 'own-cache-control': 'max-age=30' }, 30],
    ['2.1: several lines', { 'cdn-cache-control': ['max-age=60', 'must-revalidate'] }, 60],
    ['2.1: no-store', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'no-store' }, undefined],
    ['2.1: private', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'private' }, undefined],
    ['2.1: private for one field', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'private="a"' }, undefined],
    ['2.1: no-cache', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'no-cache', etag: '"a"' }, 0],
    ['2.1: a directive that is false', { 'cdn-cache-control': 'max-age=60, no-store=?0' }, 60],
    ['2.1: parameters are ignored', { 'cdn-cache-control': 'max-age=60;a=1' }, 60],
    ['2.1: unknown directives are ignored', { 'cdn-cache-control': 'foo, max-age=60, bar="a"' }, 60],
    ['2.1: a malformed field is ignored', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age=60, &&' }, 1],
    ['2.1: spaces around =', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age =60' }, 1],
    ['2.1: capitals', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'Max-Age=60' }, 1],
    ['2.1: an empty field is ignored', { 'cache-control': 'max-age=1', 'cdn-cache-control': '' }, 1],
    ['2.1: a text as time', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age="60"' }, 1],
    ['2.1: a fraction as time', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age=60.5' }, 1],
    ['2.1: a negative time', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age=-1' }, 1],
    ['RFC 9111 1.2.2: a very long time', { 'cdn-cache-control': 'max-age=99999999999' }, 2 ** 31],
    ['2.2: a field that is not in the list', { 'cache-control': 'max-age=1', 'a-cache-control': 'max-age=60' }, 1],
  ];
  for (const [rule, headers, seconds] of rows) {
    it(`${rule}: ${JSON.stringify(headers)}`, () => assert.equal(freshFor(headers), seconds));
  }

  it('without the option, the field has no effect', () => {
    const headers = { 'cache-control': 'max-age=1', 'cdn-cache-control': 'max-age=60' };
    assert.equal(secondsOf(freshnessOf(ok(headers)))[0], 1);
  });

  for (const wrong of ['CDN-Cache-Control', ['CDN Cache Control'], [1]]) {
    it(`${JSON.stringify(wrong)} is refused at creation`, () => {
      assert.throws(() => createFreshnessOf({ targets: wrong as readonly string[] }), {
        name: 'TypeError',
        message: /^createFreshnessOf\(\): targets is .*CDN-Cache-Control/,
      });
    });
  }
});
