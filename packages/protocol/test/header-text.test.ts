import assert from 'node:assert/strict';
import { headerText } from '@safelight/protocol';
import fc from 'fast-check';

describe('headerText', () => {
  const rows: readonly (readonly [value: string, line: string])[] = [
    ['Resource not found - cat', 'Resource not found - cat'],
    ['Resource not found - "cat"', 'Resource not found - "cat"'],
    ['a\r\nSet-Cookie: x=1', 'a%0D%0ASet-Cookie: x=1'],
    ['a\tb\u0000', 'a%09b%00'],
    ['Zoë 🐈', 'Zo%C3%AB %F0%9F%90%88'],
    ['\ud800', '%EF%BF%BD'],
    ['  x  ', 'x'],
    ['', ''],
  ];
  for (const [value, line] of rows) {
    it(`writes ${JSON.stringify(value)}`, () => assert.equal(headerText(value), line));
  }

  it('is one bounded line of printable ASCII for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 800 }), (value) => {
        assert.match(headerText(value), /^[ -~]{0,300}$/);
        assert.doesNotThrow(() => new Headers({ 'X-Cld-Error': headerText(value) }));
      }),
    );
  });

  it('ends in ... when it was cut', () => {
    assert.equal(headerText('x'.repeat(400)), `${'x'.repeat(297)}...`);
    assert.equal(headerText('x'.repeat(300)).length, 300);
    assert.equal(headerText('abcdef', 5), 'ab...');
  });
});
