import assert from 'node:assert/strict';
import { contentRange, multipartRanges } from '../../src/serve/multipart-ranges.ts';

const ranges = [
  { start: 0, end: 2 },
  { start: 8, end: 10 },
];

describe('multipart/byteranges (RFC 9110 section 14.6)', () => {
  const content = Buffer.from('0123456789');
  const bodyOf = (pieces: ReturnType<typeof multipartRanges>['pieces']): string =>
    pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : content.subarray(piece.start, piece.end))).join('');

  it('has a head for each range, and its exact length', () => {
    const { contentType, bytes, pieces } = multipartRanges(ranges, {
      totalBytes: 10,
      partType: 'image/png',
      boundary: 'b',
    });
    assert.equal(contentType, 'multipart/byteranges; boundary=b');
    const body = bodyOf(pieces);
    assert.equal(
      body,
      '--b\r\nContent-Type: image/png\r\nContent-Range: bytes 0-1/10\r\n\r\n01' +
        '\r\n--b\r\nContent-Type: image/png\r\nContent-Range: bytes 8-9/10\r\n\r\n89' +
        '\r\n--b--\r\n',
    );
    assert.equal(bytes, body.length);
  });

  it('has no type in its parts when the representation has none', () => {
    const { pieces } = multipartRanges(ranges, { totalBytes: 10, partType: undefined, boundary: 'b' });
    assert.doesNotMatch(bodyOf(pieces), /Content-Type/);
  });

  it('has another random boundary each time', () => {
    const types = [1, 2].map(() => multipartRanges(ranges, { totalBytes: 10, partType: undefined }).contentType);
    for (const type of types) assert.match(type, /boundary=[0-9a-f]{32}$/);
    assert.notEqual(types[0], types[1]);
  });

  it('names a range, or only the length for a 416', () => {
    assert.equal(contentRange({ start: 0, end: 1 }, 10), 'bytes 0-0/10');
    assert.equal(contentRange(undefined, 10), 'bytes */10');
  });
});
