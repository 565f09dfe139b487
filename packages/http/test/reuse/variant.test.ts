import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ReceivedFields } from '../../src/reuse/response-head.ts';
import { matchesVariant, variantOf } from '../../src/reuse/variant.ts';
import { ok } from './responses.ts';

const matches = (vary: string, first: ReceivedFields, second: ReceivedFields) => {
  const variant = variantOf(first, ok({ vary }));
  assert.ok(variant);
  return matchesVariant(second, JSON.parse(JSON.stringify(variant)));
};

describe('Vary (RFC 9111 section 4.1)', () => {
  const same: readonly (readonly [why: string, vary: string, ReceivedFields, ReceivedFields])[] = [
    ['the response does not vary', '', { accept: 'image/avif' }, {}],
    ['the fields are equal', 'DPR', { dpr: '2' }, { dpr: '2' }],
    ['only other fields differ', 'DPR', { dpr: '2', width: '1' }, { dpr: '2', width: '2' }],
    ['absent in both requests', 'DPR', {}, { width: '2' }],
    ['one line or two', 'DPR', { dpr: '1, 2' }, { dpr: ['1', '2'] }],
    ['space at the ends', 'DPR', { dpr: '2' }, { dpr: ' 2\t' }],
    ['space in a list', 'Accept', { accept: 'image/avif,image/webp' }, { accept: 'image/avif , image/webp' }],
    ['capitals in a list', 'ACCEPT', { accept: 'Image/AVIF' }, { accept: 'image/avif' }],
    ['order of a list', 'accept-encoding', { 'accept-encoding': 'gzip, br' }, { 'accept-encoding': 'br, gzip' }],
    ['empty members', 'Accept', { accept: 'image/avif' }, { accept: ',image/avif, ' }],
    ['a weight of 1', 'Accept', { accept: '*/*' }, { accept: '*/*;q=1.000' }],
    ['zeros at the end of a weight', 'Accept', { accept: '*/*; Q=0.80' }, { accept: '*/*;q=0.8' }],
    ['capitals of languages', 'Accept-Language', { 'accept-language': 'de-DE' }, { 'accept-language': 'de-de' }],
  ];
  for (const [why, vary, first, second] of same) {
    it(`the same: ${why}`, () => {
      assert.equal(matches(vary, first, second), true);
      assert.equal(matches(vary, second, first), true);
    });
  }

  const different: readonly (readonly [why: string, vary: string, ReceivedFields, ReceivedFields])[] = [
    ['another value', 'DPR', { dpr: '2' }, { dpr: '3' }],
    ['absent and present', 'DPR', {}, { dpr: '2' }],
    ['absent and empty', 'Accept-Encoding', {}, { 'accept-encoding': '' }],
    ['one of several fields', 'DPR, Width', { dpr: '2', width: '1' }, { dpr: '2', width: '2' }],
    ['one of several lines', 'Accept', { accept: ['image/avif', 'image/webp'] }, { accept: ['image/avif'] }],
    ['refused and accepted', 'Accept', { accept: 'image/avif;q=0' }, { accept: 'image/avif' }],
    ['weights', 'Accept', { accept: 'image/avif;q=0.8' }, { accept: 'image/avif;q=0.9' }],
    ['capitals in a field that is not a list', 'X-Theme', { 'x-theme': 'Dark' }, { 'x-theme': 'dark' }],
    ['order in a field that is not a list', 'X-Theme', { 'x-theme': 'a, b' }, { 'x-theme': 'b, a' }],
    ['order of languages', 'Accept-Language', { 'accept-language': 'en, de' }, { 'accept-language': 'de, en' }],
    ['capitals of a parameter', 'Accept', { accept: 'a/b;profile=X' }, { accept: 'a/b;profile=x' }],
    ['space in a string', 'Accept', { accept: 'a/b;c="d, e"' }, { accept: 'a/b;c="d,e"' }],
    ['an inherited property: constructor', 'constructor', {}, { constructor: 'x' }],
    ['an inherited property: __proto__', '__proto__', {}, JSON.parse('{"__proto__":"x"}')],
  ];
  for (const [why, vary, first, second] of different) {
    it(`different: ${why}`, () => {
      assert.equal(matches(vary, first, second), false);
      assert.equal(matches(vary, second, first), false);
    });
  }

  for (const vary of ['*', 'Accept, *', 'Cookie', 'accept,COOKIE', 'Authorization', 'Accept Width', 'Accept; Width']) {
    it(`Vary: ${vary} is reused for no other request`, () =>
      assert.equal(variantOf({ accept: 'a/b' }, ok({ vary })), undefined));
  }

  it('names are sorted, without repetition', () => {
    const variant = variantOf({ dpr: '2' }, ok({ vary: ['Width, DPR', 'dpr'] }));
    assert.equal(JSON.stringify(variant), '{"dpr":"2","width":null}');
  });

  it('more than 4096 characters are not stored', () => {
    const vary = (length: number) => variantOf({ accept: 'a'.repeat(length) }, ok({ vary: 'accept' }));
    assert.equal(vary(4096 - 'accept'.length)?.['accept']?.length, 4090);
    assert.equal(vary(4097 - 'accept'.length), undefined);
  });

  it('every request matches its own variant', () => {
    const names = ['accept', 'accept-encoding', 'accept-language', 'dpr', 'toString'];
    const request = fc.dictionary(fc.constantFrom(...names), fc.string());
    const vary = fc.subarray(names).map((list) => list.join(','));
    fc.assert(fc.property(request, vary, (fields, list) => matches(list, fields, fields)));
  });
});
