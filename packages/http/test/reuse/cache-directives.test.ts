import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CacheDirectives, maxDeltaSeconds, readCacheDirectives } from '../../src/reuse/cache-directives.ts';
import { directiveText } from './arbitraries.ts';

const seconds = fc.option(fc.nat({ max: maxDeltaSeconds }), { nil: undefined });
const fields = {
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
const directives: fc.Arbitrary<CacheDirectives> = fc.record(fields, { noNullPrototype: true });

const read = (...lines: readonly string[]) => readCacheDirectives({ 'cache-control': lines });

describe('readCacheDirectives', () => {
  it('reads formatted directives back', () => {
    fc.assert(fc.property(directives, (given) => assert.deepEqual(read(formatted(given)), given)));
  });

  it('reads any text, and reads the formatted result the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), directiveText), (text) => {
        const once = read(text);
        assert.deepEqual(read(formatted(once)), once);
      }),
    );
  });

  it('reads several lines as one, in any order and case', () => {
    fc.assert(
      fc.property(fc.array(directiveText, { minLength: 1 }), (lines) => {
        const expected = read(...lines);
        assert.deepEqual(read(lines.toReversed().join(' ,\t')), expected);
        assert.deepEqual(read(lines.join(',').toUpperCase()), expected);
      }),
    );
  });

  it('reads a long field in linear time', () => {
    for (const piece of ['"', '"\\', '\\"', 'a="', 'a=', ' ', ',', 'a,', 'a="b,', '"a",']) {
      read(piece.repeat(100_000));
    }
  }).timeout(2000);
});

/** Formats directives as one unambiguous line. */
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
