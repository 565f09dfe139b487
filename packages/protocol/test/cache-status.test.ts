import assert from 'node:assert/strict';
import { type CacheStatus, formatCacheStatus, parseCacheStatus } from '@safelight/protocol';
import fc from 'fast-check';

const noFlags = { hit: false, stored: false, collapsed: false };

describe('formatCacheStatus', () => {
  const rows: readonly (readonly [status: CacheStatus, text: string])[] = [
    [
      { cache: 'safelight', hit: true, ttl: 57, detail: 'missing_original' },
      'safelight; hit; ttl=57; detail=missing_original',
    ],
    [
      {
        cache: 'safelight',
        fwd: 'uri-miss',
        fwdStatus: 404,
        stored: true,
        collapsed: true,
        ttl: 60,
        detail: 'missing_original',
      },
      'safelight; fwd=uri-miss; fwd-status=404; ttl=60; stored; collapsed; detail=missing_original',
    ],
    [
      { cache: 'my cache', hit: true, ttl: -4.9, detail: 'a "b" \\ é' },
      '"my cache"; hit; ttl=-4; detail="a \\"b\\" \\\\ %C3%A9"',
    ],
    [{ cache: 'x', hit: true, fwd: 'miss', stored: true }, 'x; hit'],
    [{ cache: 'x', stored: true, fwdStatus: 200 }, 'x'],
    [{ cache: 'x', hit: true, ttl: Number.NaN }, 'x; hit; ttl=0'],
    [{ cache: 'x', hit: true, ttl: Number.POSITIVE_INFINITY }, 'x; hit; ttl=999999999999999'],
  ];
  for (const [status, text] of rows) {
    it(`writes ${text}`, () => assert.equal(formatCacheStatus(status), text));
  }

  it('writes text that parseCacheStatus reads as the same status', () => {
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((value) => `x${value}x`);
    const statuses = fc.record({
      cache: text,
      hit: fc.constant(false),
      fwd: fc.constantFrom('uri-miss', 'stale', 'something else'),
      fwdStatus: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
      ttl: fc.option(fc.integer(), { nil: undefined }),
      stored: fc.boolean(),
      collapsed: fc.boolean(),
      detail: fc.option(text, { nil: undefined }),
    });
    fc.assert(
      fc.property(statuses, (status) => {
        assert.deepEqual(parseCacheStatus(formatCacheStatus(status)), [{ ...status }]);
      }),
    );
  });
});

describe('parseCacheStatus', () => {
  it('reads a chain of caches, from the origin to the client', () => {
    const chain = parseCacheStatus(
      'OriginCache; hit; ttl=1100; collapsed, "CDN, Company";fwd=uri-miss;x=?0;key=:aGk=:',
    );
    assert.deepEqual(
      chain.map(({ cache, hit, fwd, ttl }) => ({ cache, hit, fwd, ttl })),
      [
        { cache: 'OriginCache', hit: true, fwd: undefined, ttl: 1100 },
        { cache: 'CDN, Company', hit: false, fwd: 'uri-miss', ttl: undefined },
      ],
    );
  });

  it('ignores parameters of the wrong kind', () => {
    const [status] = parseCacheStatus('x; hit=?0; ttl=soon; fwd=1; detail=2; stored=1');
    assert.deepEqual(status, {
      cache: 'x',
      ...noFlags,
      fwd: undefined,
      fwdStatus: undefined,
      ttl: undefined,
      detail: undefined,
    });
  });

  it('ignores a malformed header as a whole', () => {
    for (const text of ['', ' ', ',', 'x,', 'x; ', 'x; Hit', '"x', 'x y', '(a b)', 'x; ttl=', 'x;ttl=1.', 'é']) {
      assert.deepEqual(parseCacheStatus(text), [], text);
    }
  });

  it('never throws', () => {
    const pieces = fc.constantFrom('x', ';', '=', '"', '\\', ',', ' ', '?1', '1', '.', ':', '@', '__proto__');
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((all) => all.join('')),
    );
    fc.assert(fc.property(texts, (text) => Array.isArray(parseCacheStatus(text))));
  });
});
