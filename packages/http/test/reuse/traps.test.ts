import assert from 'node:assert/strict';
import { readCacheDirectives } from '../../src/reuse/cache-directives.ts';
import { keptHeaders } from '../../src/reuse/kept-headers.ts';
import { ageSecondsOf } from '../../src/reuse/lives.ts';
import { dayMs, freshSeconds, livesOf, now, ok, withCacheControl } from './answers.ts';

describe('traps of keeping', () => {
  const yearLong = 'public, max-age=31536000, immutable';

  for (const status of [404, 422, 500]) {
    it(`an error with the life of a success (${status}) is not kept`, () => {
      assert.equal(livesOf({ status, headers: { 'cache-control': yearLong, etag: '"a"' } }), undefined);
    });
  }

  it('immutable gives no life: neither to an error, nor beyond the one that is said', () => {
    assert.equal(livesOf({ status: 404, headers: { 'cache-control': 'immutable' } }), undefined);
    assert.equal(freshSeconds(withCacheControl('immutable, max-age=0')), 0);
    assert.equal(freshSeconds(withCacheControl('immutable')), freshSeconds(ok()));
  });

  it('what is put away says what was said, and a misspelt life is none', () => {
    const lines = ['Public, MAX-AGE=60', 'stale-if-error="9"', 'max-age-10'];
    const kept = keptHeaders(withCacheControl(...lines), now);
    assert.deepEqual(kept['cache-control'], lines);
    const { maxAgeSeconds, staleIfErrorSeconds, isPublic } = readCacheDirectives(kept);
    assert.deepEqual([maxAgeSeconds, staleIfErrorSeconds, isPublic], [60, 9, true]);
    assert.equal(readCacheDirectives({ 'cache-control': 'max-age-10' }).maxAgeSeconds, undefined);
  });

  it('the age counts up and nothing counts down', () => {
    const answer = ok({ 'cache-control': 'max-age=3600', age: '50', 'x-cache': 'miss' });
    const lives = livesOf(answer);
    assert.ok(lives);
    const kept = keptHeaders(answer, now);
    assert.equal(kept['cache-control'], 'max-age=3600');
    assert.equal(kept['age'], undefined);
    assert.equal(ageSecondsOf(lives, now + dayMs), 50 + 86_400);
  });
});
