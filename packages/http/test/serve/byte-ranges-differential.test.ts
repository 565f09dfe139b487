import assert from 'node:assert/strict';
import fc from 'fast-check';
import rangeParser from 'range-parser';
import { selectRanges } from '../../src/serve/byte-ranges.ts';

type Result = string | readonly (readonly [first: number, last: number])[];

function ours(field: string, bytes: number): Result {
  const ranges = selectRanges(field, bytes);
  if (ranges === undefined) return 'whole';
  return typeof ranges === 'string' ? ranges : ranges.map(({ start, end }) => [start, end - 1]);
}

function theirs(field: string, bytes: number): Result {
  const ranges = rangeParser(bytes, field, { combine: true });
  if (ranges === -2) return 'whole';
  return ranges === -1 ? 'unsatisfiable' : ranges.map(({ start, end }) => [start, end]);
}

/** The specs of a field, and the pairs of numbers of those that have both. */
function partsOf(field: string) {
  const specs = field.slice(field.indexOf('=') + 1).split(',');
  const pairs = specs.map((spec) => /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(spec)).filter((match) => match !== null);
  return { specs, pairs: pairs.map(([, first, last]) => [Number(first), Number(last)] as const) };
}

interface Difference {
  /** Why we differ, on purpose. */
  readonly why: string;
  /** A field that shows it, of 1000 bytes. */
  readonly field: string;
  readonly bytes?: number;
  /** Whether a generated field may differ for this reason. */
  readonly explains?: (field: string, bytes: number, their: Result) => boolean;
}

const differences: readonly Difference[] = [
  {
    why: 'RFC 9110 14.2: another unit is ignored',
    field: 'items=0-1',
    explains: (field) => !field.startsWith('bytes='),
  },
  {
    why: 'RFC 9110 14.1.2: a suffix longer than the body is the whole body',
    field: 'bytes=-5000',
    explains: (field, bytes) => partsOf(field).specs.some((spec) => Number(/^\s*-\s*(\d+)/.exec(spec)?.[1]) > bytes),
  },
  {
    why: 'RFC 9110 14.1.1: a last byte before the first makes the field malformed',
    field: 'bytes=5-4',
    explains: (field) => partsOf(field).pairs.some(([first, last]) => last < first),
  },
  {
    why: 'RFC 9110 5.6.1.2: empty elements of a list are ignored',
    field: 'bytes=,0-1,',
    explains: (field) => partsOf(field).specs.some((spec) => spec.trim() === ''),
  },
  {
    why: 'RFC 9110 14.1.1: white space within a range is malformed',
    field: 'bytes=1 - 5',
    explains: (field) => /\d[\t ]+-|-[\t ]+\d/.test(field),
  },
  {
    why: 'RFC 9110 5.6.3: only SP and HTAB are white space',
    field: 'bytes=\u00a01-5',
  },
  {
    why: 'RFC 9110 15.3.7.2: a gap that is shorter than the head of a part is also sent',
    field: 'bytes=0-9,20-29',
    explains: (_, __, their) => hasSmallGap(their),
  },
  {
    why: 'RFC 9110 15.3.7.2: a merged range has the place of its first part',
    field: 'bytes=50-60,500-510,0-100',
    explains: (field) => partsOf(field).specs.length > 2,
  },
  {
    why: 'RFC 9110 17.15: overlapping ranges longer than the body get the whole body',
    field: 'bytes=0-,0-',
    explains: (field, bytes, their) =>
      typeof their !== 'string' && partsOf(field).specs.length > 1 && ours(field, bytes) === 'whole',
  },
  {
    why: 'RFC 9110 17.15: more than 16 ranges get the whole body',
    field: `bytes=${Array.from({ length: 17 }, (_, i) => `${i}-${i}`)}`,
  },
  {
    why: 'Content-Range cannot name a part of an empty body',
    field: 'bytes=0-',
    bytes: 0,
  },
];

function hasSmallGap(ranges: Result): boolean {
  if (typeof ranges === 'string') return false;
  const ordered = ranges.toSorted(([one], [other]) => one - other);
  return ordered.some(([first], i) => first - (ordered[i - 1]?.[1] ?? Number.NEGATIVE_INFINITY) <= 80);
}

describe('range-parser and our rules', () => {
  for (const { why, field, bytes = 1000 } of differences) {
    it(`differ on purpose: ${why}`, () => assert.notDeepEqual(ours(field, bytes), theirs(field, bytes)));
  }

  const position = fc.oneof(fc.nat(1200), fc.constantFrom(0, 1, 999, 1000, 2 ** 53));
  const spec = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(position, fc.nat(50)).map(([first, more]) => `${first}-${first + more}`) },
    fc.tuple(position, position).map(([first, last]) => `${first}-${last}`),
    position.map((first) => `${first}-`),
    position.map((suffix) => `-${suffix}`),
    fc.constantFrom('', '-', '+1-5', '1.5-5', '0x1-5', '1 - 5', '--5', 'x', '5', '1-2-3'),
  );
  const separator = fc.constantFrom(',', ', ', ' ,\t');
  const fields = fc
    .tuple(fc.constantFrom('bytes=', 'bytes=', 'bytes=', 'items='), fc.array(spec, { maxLength: 5 }), separator)
    .map(([unit, specs, between]) => unit + specs.join(between));

  it('agree about all other fields', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fields, fc.constantFrom(1000, 1000, 1001, 7), (field, bytes) => {
        const their = theirs(field, bytes);
        if (differences.some(({ explains }) => explains?.(field, bytes, their))) return;
        const our = ours(field, bytes);
        const kind = typeof our === 'string' ? our : `${our.length}`;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        assert.deepEqual(our, their);
      }),
      { numRuns: 5000 },
    );
    assert.deepEqual([...seen.keys()].sort(), ['1', '2', 'unsatisfiable', 'whole']);
  });
});
