import assert from 'node:assert/strict';
import { readCacheDirectives } from '../../src/reuse/cache-directives.ts';
import { ageSecondsOf } from '../../src/reuse/freshness.ts';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { dayMs, freshnessOf, freshSeconds, now, ok, withCacheControl } from './responses.ts';

describe('known mistakes of caches', () => {
  const yearLong = 'public, max-age=31536000, immutable';

  for (const status of [404, 422, 500]) {
    it(`an error with the lifetime of a success (${status}) is not stored`, () => {
      assert.equal(freshnessOf({ status, headers: { 'cache-control': yearLong, etag: '"a"' } }), undefined);
    });
  }

  it('immutable does not give a lifetime to an error, and does not extend a stated one', () => {
    assert.equal(freshnessOf({ status: 404, headers: { 'cache-control': 'immutable' } }), undefined);
    assert.equal(freshSeconds(withCacheControl('immutable, max-age=0')), 0);
    assert.equal(freshSeconds(withCacheControl('immutable')), freshSeconds(ok()));
  });

  it('stored headers are unchanged, and a misspelt directive states no lifetime', () => {
    const lines = ['Public, MAX-AGE=60', 'stale-if-error="9"', 'max-age-10'];
    const stored = storedHeaders(withCacheControl(...lines), now);
    assert.deepEqual(stored['cache-control'], lines);
    const { maxAgeSeconds, staleIfErrorSeconds, isPublic } = readCacheDirectives(stored);
    assert.deepEqual([maxAgeSeconds, staleIfErrorSeconds, isPublic], [60, 9, true]);
    assert.equal(readCacheDirectives({ 'cache-control': 'max-age-10' }).maxAgeSeconds, undefined);
  });

  it('the age increases, and the stored headers do not change', () => {
    const response = ok({ 'cache-control': 'max-age=3600', age: '50', 'x-cache': 'miss' });
    const freshness = freshnessOf(response);
    assert.ok(freshness);
    const stored = storedHeaders(response, now);
    assert.equal(stored['cache-control'], 'max-age=3600');
    assert.equal(stored['age'], undefined);
    assert.equal(ageSecondsOf(freshness, now + dayMs), 50 + 86_400);
  });
});
