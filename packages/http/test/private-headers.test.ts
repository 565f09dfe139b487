import assert from 'node:assert/strict';
import fc from 'fast-check';
import { privateCacheControl, privateHeaders } from '../src/private-headers.ts';
import { readCacheDirectives } from '../src/reuse/cache-directives.ts';

const table: readonly (readonly [before: string | undefined, after: string])[] = [
  [undefined, 'private'],
  ['', 'private'],
  ['public', 'private'],
  ['public, max-age=31536000, immutable', 'private, max-age=31536000, immutable'],
  ['public, max-age=0, s-maxage=57, stale-while-revalidate=0', 'private, max-age=0, stale-while-revalidate=0'],
  ['public, max-age=0, must-revalidate', 'private, max-age=0, must-revalidate'],
  ['max-age=60', 'private, max-age=60'],
  ['s-maxage="60" , PUBLIC,max-age=5', 'private, max-age=5'],
  ['no-cache', 'private, no-cache'],
  ['max-age=60, proxy-revalidate', 'private, max-age=60'],
  ['public, max-age=60, no-transform', 'private, max-age=60, no-transform'],
  ['private="set-cookie, x-a", max-age=60', 'private, max-age=60'],
  ['no-cache="set-cookie, public", public', 'private, no-cache="set-cookie, public"'],
  ['public, no-store', 'no-store'],
  ['private, public, max-age=1', 'private, max-age=1'],
  // A field that already forbids shared caches to store the response stays unchanged.
  ['no-store', 'no-store'],
  ['private,no-store', 'private,no-store'],
  ['max-age=60,  Private', 'max-age=60,  Private'],
];

describe('private headers', () => {
  for (const [before, after] of table) {
    it(`${JSON.stringify(before)} becomes ${JSON.stringify(after)}`, () => {
      assert.equal(privateCacheControl(before), after);
      assert.equal(privateCacheControl(after), after);
    });
  }

  it('shared caches may not store any of them, and directives for the client’s own cache stay', () => {
    const seconds = fc.nat(1000);
    const directive = fc.oneof(
      fc.constantFrom('public', 'private', 'no-cache', 'immutable', 'Public', 'private="a, b"', 'x-a="public, b"'),
      seconds.map((n) => `max-age=${n}`),
      seconds.map((n) => `S-MaxAge=${n}`),
    );
    fc.assert(
      fc.property(fc.array(directive, { maxLength: 6 }), fc.constantFrom(',', ', ', ' ,'), (directives, comma) => {
        const before = readCacheDirectives({ 'cache-control': directives.join(comma) });
        const after = readCacheDirectives({ 'cache-control': privateCacheControl(directives.join(comma)) });
        assert.deepEqual([after.isPrivate, after.isPublic, after.sharedMaxAgeSeconds], [true, false, undefined]);
        assert.deepEqual([after.maxAgeSeconds, after.noCache], [before.maxAgeSeconds, before.noCache]);
      }),
    );
  });

  it('fields for certain caches are removed, in any spelling', () => {
    const headers = {
      'content-type': 'image/png',
      'cache-control': 'public, max-age=60',
      'CDN-Cache-Control': 'max-age=600',
      'cloudflare-cdn-cache-control': 'max-age=600',
      'Surrogate-Control': 'max-age=600',
      'X-Accel-Expires': 600,
    };
    assert.deepEqual(privateHeaders(headers), {
      'content-type': 'image/png',
      'Cache-Control': 'private, max-age=60',
    });
  });

  it('headers that are already private are returned unchanged', () => {
    const headers = { 'Cache-Control': 'private, no-store', 'Content-Length': 0 };
    assert.equal(privateHeaders(headers), headers);
  });
});
