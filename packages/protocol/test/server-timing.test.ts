import assert from 'node:assert/strict';
import { formatServerTiming, parseServerTiming } from '@safelight/protocol';
import fc from 'fast-check';

describe('Server-Timing', () => {
  const metrics = [
    { name: 'err', desc: 'missing_original' },
    { name: 'rung', desc: '2' },
    { name: 'heal', dur: 57_000 },
    { name: 'placeholder' },
  ];
  const text = 'err;desc="missing_original", rung;desc="2", heal;dur=57000, placeholder';

  it('is written', () => assert.equal(formatServerTiming(metrics), text));
  it('is read', () => assert.deepEqual(parseServerTiming(text), metrics));

  it('stays well-formed with any description', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (desc) => {
        const written = formatServerTiming([{ name: 'a', desc }, { name: 'b' }]);
        assert.match(written, /^[ -~]*$/);
        assert.deepEqual(
          parseServerTiming(written).map(({ name }) => name),
          ['a', 'b'],
        );
      }),
    );
  });

  it('reads back printable descriptions unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 100 }), (desc) => {
        const trimmed = desc.trim();
        assert.deepEqual(parseServerTiming(formatServerTiming([{ name: 'a', desc: trimmed }])), [
          { name: 'a', desc: trimmed },
        ]);
      }),
    );
  });

  const odd: readonly (readonly [text: string, metrics: readonly object[]])[] = [
    ['', []],
    [',;=', []],
    ['cache; desc = "Cache Read" ; dur = 23.2', [{ name: 'cache', desc: 'Cache Read', dur: 23.2 }]],
    ['a;dur=x;dur=5', [{ name: 'a', dur: 0 }]],
    ['a;desc=b c;dur=1', [{ name: 'a', desc: 'b', dur: 1 }]],
    ['a;desc', [{ name: 'a' }]],
    ['a;desc="b, c;d', [{ name: 'a', desc: 'b, c;d' }]],
    ['a b, c', [{ name: 'a' }, { name: 'c' }]],
    ['a;DESC=x;unknown=y', [{ name: 'a', desc: 'x' }]],
  ];
  for (const [malformed, expected] of odd) {
    it(`reads ${JSON.stringify(malformed)}`, () => assert.deepEqual(parseServerTiming(malformed), expected));
  }

  it('is read without an error for every string', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => Array.isArray(parseServerTiming(any))));
  });
});
