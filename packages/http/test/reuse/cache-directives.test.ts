import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CacheDirectives, maxDeltaSeconds, readCacheDirectives } from '../../src/reuse/cache-directives.ts';
import { directiveText } from './arbitraries.ts';

const seconds = fc.option(fc.nat({ max: maxDeltaSeconds }), { nil: undefined });
const facts = {
  noStore: fc.boolean(),
  noCache: fc.boolean(),
  isPrivate: fc.boolean(),
  isPublic: fc.boolean(),
  mustRevalidate: fc.boolean(),
  proxyRevalidate: fc.boolean(),
  mustUnderstand: fc.boolean(),
  maxAgeSeconds: seconds,
  sharedMaxAgeSeconds: seconds,
  staleWhileRevalidateSeconds: seconds,
  staleIfErrorSeconds: seconds,
};
const directives: fc.Arbitrary<CacheDirectives> = fc.record(facts, { noNullPrototype: true });

const read = (...lines: readonly string[]) => readCacheDirectives({ 'cache-control': lines });

describe('Cache-Control, read in its strictest way', () => {
  it('what is written reads back', () => {
    fc.assert(fc.property(directives, (said) => assert.deepEqual(read(formatted(said)), said)));
  });

  it('any text is read, and what was read reads back the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), directiveText), (text) => {
        const once = read(text);
        assert.deepEqual(read(formatted(once)), once);
      }),
    );
  });

  it('several lines are one, in whatever order and capitals', () => {
    fc.assert(
      fc.property(fc.array(directiveText, { minLength: 1 }), (lines) => {
        const said = read(...lines);
        assert.deepEqual(read(lines.toReversed().join(' ,\t')), said);
        assert.deepEqual(read(lines.join(',').toUpperCase()), said);
      }),
    );
  });

  it('a long one is read in a time that grows with its length', () => {
    for (const piece of ['"', '"\\', '\\"', 'a="', 'a=', ' ', ',', 'a,', 'a="b,', '"a",']) {
      read(piece.repeat(100_000));
    }
  }).timeout(2000);
});

/** Directives as one line that has one reading. */
function formatted(directives: CacheDirectives): string {
  const flags: readonly (readonly [boolean, string])[] = [
    [directives.noStore, 'no-store'],
    [directives.noCache, 'no-cache'],
    [directives.isPrivate, 'private'],
    [directives.isPublic, 'public'],
    [directives.mustRevalidate, 'must-revalidate'],
    [directives.proxyRevalidate, 'proxy-revalidate'],
    [directives.mustUnderstand, 'must-understand'],
  ];
  const times: readonly (readonly [number | undefined, string])[] = [
    [directives.maxAgeSeconds, 'max-age'],
    [directives.sharedMaxAgeSeconds, 's-maxage'],
    [directives.staleWhileRevalidateSeconds, 'stale-while-revalidate'],
    [directives.staleIfErrorSeconds, 'stale-if-error'],
  ];
  return [
    ...flags.filter(([isSet]) => isSet).map(([, name]) => name),
    ...times.filter(([seconds]) => seconds !== undefined).map(([seconds, name]) => `${name}=${seconds}`),
  ].join(', ');
}
