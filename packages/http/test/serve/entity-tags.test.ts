import assert from 'node:assert/strict';
import { isWeak, listsTag, listsTagStrongly, opaqueTag } from '../../src/serve/entity-tags.ts';

describe('entity tags (RFC 9110 section 8.8.3)', () => {
  const rows: readonly (readonly [field: string, etag: string | undefined, weakly: boolean, strongly: boolean])[] = [
    ['"a"', '"a"', true, true],
    ['"b"', '"a"', false, false],
    ['"b", "a"', '"a"', true, true],
    ['W/"a"', '"a"', true, false],
    ['"a"', 'W/"a"', true, false],
    ['W/"a"', 'W/"a"', true, false],
    ['"b", W/"a"', '"a"', true, false],
    ['*', undefined, true, true],
    [' * ', '"a"', true, true],
    ['"b", *', '"a"', false, false],
    ['"a"', undefined, false, false],
    ['"a,b"', '"a,b"', true, true],
    ['"a,b"', '"b"', false, false],
    ['a, "a"', '"a"', false, false],
    ['"a', '"a"', false, false],
  ];
  for (const [field, etag, weakly, strongly] of rows) {
    it(`${field} and ${etag}: weak comparison ${weakly}, strong comparison ${strongly}`, () => {
      assert.deepEqual([listsTag(field, etag), listsTagStrongly(field, etag)], [weakly, strongly]);
    });
  }

  it('the prefix W/ makes a tag weak, and is not a part of the opaque tag', () => {
    assert.deepEqual([isWeak('W/"a"'), isWeak('"W/a"'), isWeak('w/"a"')], [true, false, false]);
    assert.deepEqual([opaqueTag('W/"a"'), opaqueTag('"W/a"')], ['"a"', '"W/a"']);
  });
});
