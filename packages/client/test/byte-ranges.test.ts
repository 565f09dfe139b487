import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextRange, receivedBytes } from '../src/upload/byte-ranges.ts';

describe('the ranges of an upload', () => {
  it('send every missing byte once, whatever the server has, and end at the whole file', () => {
    const scene = fc.record({
      totalBytes: fc.integer({ min: 1, max: 60 }),
      maxBytes: fc.integer({ min: 1, max: 70 }),
      cuts: fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 20 })), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(scene, ({ totalBytes, maxBytes, cuts }) => {
        const had = Array.from({ length: totalBytes }, () => 0);
        let received = cuts
          .map(([start, length]) => ({ start, end: Math.min(start + length, totalBytes) }))
          .filter(({ start, end }) => start < end);
        for (const { start, end } of received) had.fill(1, start, end);
        assert.equal(receivedBytes(received), had.filter(Boolean).length);
        const missing = had.filter((times) => times === 0).length;
        let sent = 0;
        while (receivedBytes(received) < totalBytes) {
          const { start, end } = nextRange(totalBytes, received, maxBytes);
          assert.ok(end > start && end - start <= maxBytes && end <= totalBytes);
          assert.ok(had.slice(start, end).every((times) => times === 0));
          had.fill(1, start, end);
          sent += end - start;
          received = [...received, { start, end }];
        }
        assert.equal(sent, missing);
      }),
    );
  });

  it('are the last part once more when the server has all of them', () => {
    const received = [
      { start: 20, end: 26 },
      { start: 0, end: 10 },
      { start: 10, end: 20 },
    ];
    assert.deepEqual(nextRange(26, received, 10), { start: 20, end: 26 });
  });
});
