import assert from 'node:assert/strict';
import { pictureFormatAt } from '@safelight/core';
import fc from 'fast-check';

describe('the format of a picture by its first bytes', () => {
  const heads = {
    jpg: 'ffd8ffe000104a464946',
    png: '89504e470d0a1a0a',
    gif: '474946383961',
    webp: '524946460010000057454250',
    tiff: '49492a0008000000',
    avif: '0000001c6674797061766966',
  } as const;

  for (const [format, head] of Object.entries(heads)) {
    it(`is ${format}`, () => {
      assert.equal(pictureFormatAt(Buffer.from(head, 'hex')), format);
      assert.equal(pictureFormatAt(Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(500, 'x')])), format);
    });
  }

  it('is read from any bytes, and is not found in most of them', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => void pictureFormatAt(bytes)));
    assert.equal(pictureFormatAt(Buffer.from('GIF89 is a format')), undefined);
    assert.equal(pictureFormatAt(new Uint8Array()), undefined);
  });
});
