import assert from 'node:assert/strict';
import { readCacheDirectives } from '../../src/reuse/cache-directives.ts';
import { ageSecondsOf } from '../../src/reuse/freshness.ts';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { dayMs, freshnessOf, freshSeconds, now, ok, withCacheControl } from './responses.ts';

describe('traps of keeping', () => {
  const yearLong = 'public, max-age=31536000, immutable';

  for (const status of [404, 422, 500]) {
    it(`an error with the life of a success (${status}) is not kept`, () => {
      assert.equal(freshnessOf({ status, headers: { 'cache-control': yearLong, etag: '"a"' } }), undefined);
    });
  }

  it('immutable gives no life: neither to an error, nor beyond the one that is said', () => {
    assert.equal(freshnessOf({ status: 404, headers: { 'cache-control': 'immutable' } }), undefined);
    assert.equal(freshSeconds(withCacheControl('immutable, max-age=0')), 0);
    assert.equal(freshSeconds(withCacheControl('immutable')), freshSeconds(ok()));
  });

  it('what is put away says what was said, and a misspelt life is none', () => {
    const lines = ['Public, MAX-AGE=60', 'stale-if-error="9"', 'max-age-10'];
    const cached = storedHeaders(withCacheControl(...lines), now);
    assert.deepEqual(cached['cache-control'], lines);
    const { maxAgeSeconds, staleIfErrorSeconds, isPublic } = readCacheDirectives(cached);
    assert.deepEqual([maxAgeSeconds, staleIfErrorSeconds, isPublic], [60, 9, true]);
    assert.equal(readCacheDirectives({ 'cache-control': 'max-age-10' }).maxAgeSeconds, undefined);
  });

  it('the age counts up and nothing counts down', () => {
    const response = ok({ 'cache-control': 'max-age=3600', age: '50', 'x-cache': 'miss' });
    const freshness = freshnessOf(response);
    assert.ok(freshness);
    const cached = storedHeaders(response, now);
    assert.equal(cached['cache-control'], 'max-age=3600');
    assert.equal(cached['age'], undefined);
    assert.equal(ageSecondsOf(freshness, now + dayMs), 50 + 86_400);
  });
});
