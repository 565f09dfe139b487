import assert from 'node:assert/strict';
import { derivativeCacheControl, errorCacheControl, retryAfterSeconds } from '@safelight/http';

describe('Cache-Control of deliveries', () => {
  const errors = [
    [500, 0],
    [1999, 1],
    [59_999, 59],
    [60_000, 60],
    [86_400_000, 60],
  ] as const;
  for (const [remainingMs, seconds] of errors) {
    it(`shared caches may store an error for ${seconds} s when ${remainingMs} ms of its window remain`, () => {
      const expected = `public, max-age=0, s-maxage=${seconds}, stale-while-revalidate=0`;
      assert.equal(errorCacheControl(remainingMs), expected);
    });
  }

  it('only a derivative with a version in its URL is immutable', () => {
    assert.equal(derivativeCacheControl({ pinned: true, storable: true }), 'public, max-age=31536000, immutable');
    assert.equal(derivativeCacheControl({ pinned: false, storable: true }), 'public, max-age=0, must-revalidate');
    for (const pinned of [true, false]) assert.equal(derivativeCacheControl({ pinned, storable: false }), 'no-store');
  });

  it('Retry-After is in whole seconds, rounded up, at least 1', () => {
    assert.deepEqual([0, 1, 1000, 1001].map(retryAfterSeconds), [1, 1, 1, 2]);
  });
});
