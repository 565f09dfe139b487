import assert from 'node:assert/strict';
import { readRetryAfter } from '@safelight/protocol';
import fc from 'fast-check';

const now = Date.UTC(2026, 0, 1);
const inAMinute = 'Thu, 01 Jan 2026 00:01:00 GMT';

describe('Retry-After (RFC 9110 section 10.2.3)', () => {
  const waits: readonly (readonly [value: string, ms: number])[] = [
    ['120', 120_000],
    ['0', 0],
    [' 10\t', 10_000],
    ['0010', 10_000],
    // A number is seconds, even where `Date.parse` reads a year.
    ['3000', 3_000_000],
    ['999999999999999999999', 2 ** 31 * 1000],
    ['9'.repeat(400), 2 ** 31 * 1000],
    [inAMinute, 60_000],
    [inAMinute.toLowerCase(), 60_000],
    [` ${inAMinute} `, 60_000],
    ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
    ['Thu Jan  1 00:01:00 2026', 60_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ];
  for (const [value, ms] of waits) {
    it(`"${value.slice(0, 40)}" is ${ms} ms`, () => assert.equal(readRetryAfter(value, now), ms));
  }

  const refused = [
    '',
    ' ',
    'soon',
    '-5',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    '10 s',
    '10, 20',
    '10;q=1',
    '"10"',
    '٣',
    'NaN',
    'Infinity',
    '2026-01-01T00:01:00Z',
    'Thu, 01 Jan 2026 00:01:00',
    'Thu, 01 Jan 2026 00:01:00 +0100',
    'Thu, 1 Jan 2026 00:01:00 GMT',
    'Thu, 31 Feb 2026 00:01:00 GMT',
    'Jan 1 2026',
    `${inAMinute}, ${inAMinute}`,
  ];
  for (const value of refused) {
    it(`"${value}" is malformed`, () => assert.equal(readRetryAfter(value, now), undefined));
  }

  for (const value of [null, undefined]) {
    it(`${value} gives undefined`, () => assert.equal(readRetryAfter(value, now), undefined));
  }

  const hour = 3_600_000;
  const dates: readonly (readonly [from: string, date: string | null | undefined, ms: number])[] = [
    ['from the Date of the response', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['from now without a Date', undefined, 60_000],
    ['from now without a Date, which is null from a Headers object', null, 60_000],
    ['from now with a Date that only Date.parse can read', '2026-01-01T00:00:30Z', 60_000],
    ['as 0 when the Date is later', 'Thu, 01 Jan 2026 00:02:00 GMT', 0],
  ];
  for (const [from, date, ms] of dates) {
    it(`a date is counted ${from}`, () => assert.equal(readRetryAfter(inAMinute, now, date), ms));
  }

  it('seconds do not depend on the Date', () => {
    assert.equal(readRetryAfter('10', now, new Date(now - hour).toUTCString()), 10_000);
  });

  it('every text gives undefined or a finite number of at least 0', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-\d.e: GMTJan]{0,12}$/)), fc.string(), (value, date) => {
        const ms = readRetryAfter(value, now, date);
        assert.ok(ms === undefined || (Number.isFinite(ms) && ms >= 0), `${value}: ${ms}`);
      }),
    );
  });
});
