import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ByteRange, selectRanges } from '../../src/serve/byte-ranges.ts';

const whole = undefined;
const none = 'unsatisfiable';

/** For 1000 bytes. Pairs: the first byte, and the byte after the last one. */
const cases: readonly [rule: string, field: string, expected: string | undefined | readonly [number, number][]][] = [
  ['14.1.2 first and last', 'bytes=0-499', [[0, 500]]],
  ['14.1.2 one byte', 'bytes=0-0', [[0, 1]]],
  ['14.1.2 the last byte', 'bytes=999-999', [[999, 1000]]],
  ['14.1.2 from a byte on', 'bytes=900-', [[900, 1000]]],
  ['14.1.2 everything, as a range', 'bytes=0-', [[0, 1000]]],
  ['14.1.2 a last byte beyond the end is the end', 'bytes=900-5000', [[900, 1000]]],
  ['14.1.2 the final bytes', 'bytes=-1', [[999, 1000]]],
  ['14.1.2 more final bytes than there are', 'bytes=-5000', [[0, 1000]]],
  ['14.1.2 no final bytes', 'bytes=-0', none],
  ['14.1.2 a first byte beyond the end', 'bytes=1000-', none],
  ['14.1.2 all beyond the end', 'bytes=1000-1001,2000-', none],
  ['14.1.2 some beyond the end', 'bytes=5000-,3-4', [[3, 5]]],
  ['14.1.2 a last byte that is larger than any number', `bytes=5-${'9'.repeat(400)}`, [[5, 1000]]],
  ['14.1.2 a first byte that is larger than any number', `bytes=${'9'.repeat(400)}-`, none],
  ['14.1.2 a suffix that is larger than any number', `bytes=-${'9'.repeat(400)}`, [[0, 1000]]],
  ['14.1.1 last before first is malformed', 'bytes=5-4', whole],
  ['14.1.1 the same beside a valid range', 'bytes=0-1,5-4', whole],
  ['14.1 units are read in any case', 'Bytes=0-1', [[0, 2]]],
  ['14.2 unknown units are ignored', 'items=0-1', whole],
  ['14.2 a unit that begins with bytes is ignored', 'bytes2=0-1', whole],
  [
    '5.6.1.2 white space around commas',
    'bytes=0-1\t , \t500-501',
    [
      [0, 2],
      [500, 502],
    ],
  ],
  [
    '5.6.1.2 empty elements',
    'bytes=,0-1,, ,500-501,',
    [
      [0, 2],
      [500, 502],
    ],
  ],
  ['5.6.1.2 nothing but empty elements', 'bytes=, ,', whole],
  ['malformed: no set', 'bytes=', whole],
  ['malformed: no equals sign', 'bytes', whole],
  ['malformed: empty', '', whole],
  ['malformed: no numbers', 'bytes=-', whole],
  ['malformed: two hyphens', 'bytes=--5', whole],
  ['malformed: a sign', 'bytes=+1-5', whole],
  ['malformed: a fraction', 'bytes=1.5-5', whole],
  ['malformed: another base', 'bytes=0x1-5', whole],
  ['malformed: white space within', 'bytes=1 - 5', whole],
  ['malformed: another white space', 'bytes=\u00a01-5', whole],
  ['malformed: two joined fields', 'bytes=0-1, bytes=2-3', whole],
  [
    '14.2 the order of the field',
    'bytes=500-509,0-9,-10',
    [
      [500, 510],
      [0, 10],
      [990, 1000],
    ],
  ],
  ['15.3.7.2 overlapping ones are one', 'bytes=0-10,5-20', [[0, 21]]],
  ['15.3.7.2 adjacent ones are one', 'bytes=0-10,11-20', [[0, 21]]],
  ['15.3.7.2 one within another', 'bytes=0-100,50-60', [[0, 101]]],
  ['15.3.7.2 a gap shorter than the head of a part', 'bytes=0-9,89-99', [[0, 100]]],
  [
    '15.3.7.2 a gap as long as the head of a part',
    'bytes=0-9,90-99',
    [
      [0, 10],
      [90, 100],
    ],
  ],
  [
    '15.3.7.2 a merged range has the place of its first part',
    'bytes=605-619,0-9,600-609',
    [
      [600, 620],
      [0, 10],
    ],
  ],
  ['17.15 the whole twice', 'bytes=0-,0-', whole],
  ['17.15 overlapping ranges that are longer than the body', 'bytes=0-799,300-', whole],
  ['17.15 overlapping ranges as long as the body', 'bytes=0-499,400-899', [[0, 900]]],
  ['17.15 as many ranges as allowed', `bytes=${Array.from({ length: 16 }, (_, i) => `${i}-${i}`)}`, [[0, 16]]],
  ['17.15 one range more than allowed', `bytes=${Array.from({ length: 17 }, (_, i) => `${i}-${i}`)}`, whole],
];

describe('byte ranges', () => {
  for (const [rule, field, expected] of cases) {
    it(`${rule}: ${field.length > 50 ? `${field.slice(0, 50)}…` : field}`, () => {
      const ranges = typeof expected === 'object' ? expected.map(([start, end]) => ({ start, end })) : expected;
      assert.deepEqual(selectRanges(field, 1000), ranges);
    });
  }

  it('an empty body has no ranges', () => {
    for (const field of ['bytes=0-', 'bytes=-5', 'bytes=0-0']) assert.equal(selectRanges(field, 0), undefined);
  });

  const position = fc.integer({ min: 0, max: 700 });
  const spec = fc.oneof(
    fc.tuple(position, position).map(([a, b]) => ({ text: `${a}-${a + (b % 60)}`, first: a, last: a + (b % 60) })),
    position.map((first) => ({ text: `${first}-`, first, last: Number.POSITIVE_INFINITY })),
    position.map((suffix) => ({ text: `-${suffix}`, suffix })),
  );

  it('have each requested byte once, and otherwise only small gaps', () => {
    const bytesAndSpecs = fc.tuple(fc.integer({ min: 1, max: 600 }), fc.array(spec, { minLength: 1, maxLength: 20 }));
    fc.assert(
      fc.property(bytesAndSpecs, ([bytes, specs]) => {
        const wanted = new Uint8Array(bytes);
        let sum = 0;
        for (const one of specs) {
          const from = 'suffix' in one ? bytes - one.suffix : one.first;
          const to = 'suffix' in one ? bytes - 1 : one.last;
          for (let i = 0; i < bytes; i += 1) {
            if (i < from || i > to) continue;
            wanted[i] = 1;
            sum += 1;
          }
        }
        const ranges = selectRanges(`bytes=${specs.map(({ text }) => text).join(',')}`, bytes);
        if (specs.length > 16) return assert.equal(ranges, undefined);
        if (sum === 0) return assert.equal(ranges, 'unsatisfiable');
        if (sum > bytes) return assert.equal(ranges, undefined);
        assertSound(ranges as readonly ByteRange[], bytes);
        const sent = new Uint8Array(bytes);
        for (const { start, end } of ranges as readonly ByteRange[]) sent.fill(1, start, end);
        for (let i = 0, gap = 0; i < bytes; i += 1) {
          assert.ok(wanted[i] !== 1 || sent[i] === 1, `byte ${i} is missing`);
          gap = sent[i] === 1 && wanted[i] === 0 ? gap + 1 : 0;
          assert.ok(gap < 80, `byte ${i} was not requested`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and stays within the body, for any field', () => {
    const parts = fc.array(fc.constantFrom('0', '7', '99', '-', ',', ' ', '=', 'bytes', '9'.repeat(30), '\t', '"'));
    fc.assert(
      fc.property(parts, fc.nat({ max: 300 }), fc.boolean(), (text, bytes, prefixed) => {
        const ranges = selectRanges(`${prefixed ? 'bytes=' : ''}${text.join('')}`, bytes);
        if (Array.isArray(ranges)) assertSound(ranges, bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

function assertSound(ranges: readonly ByteRange[], bytes: number): void {
  assert.ok(ranges.length > 0);
  const ordered = [...ranges].sort((a, b) => a.start - b.start);
  for (const [i, { start, end }] of ordered.entries()) {
    assert.ok(start >= (ordered[i - 1]?.end ?? 0) && start < end && end <= bytes, `${start} to ${end} of ${bytes}`);
  }
}
