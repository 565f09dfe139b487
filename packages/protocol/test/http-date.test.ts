import assert from 'node:assert/strict';
import { readHttpDate } from '@safelight/protocol';
import fc from 'fast-check';

const now = Date.UTC(2026, 10, 3, 12, 0, 0);

const sunday = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('HTTP dates (RFC 9110 section 5.6.7)', () => {
  const read: readonly (readonly [string, number])[] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', sunday],
    ['Sunday, 06-Nov-94 08:49:37 GMT', sunday],
    ['Sun Nov  6 08:49:37 1994', sunday],
    ['sun, 06 NOV 1994 08:49:37 gmt', sunday],
    [' Sun, 06 Nov 1994 08:49:37 GMT ', sunday],
    ['Thu, 31 Dec 1998 23:59:60 GMT', Date.UTC(1999, 0, 1)],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['Friday, 31-Dec-76 00:00:00 GMT', Date.UTC(2076, 11, 31)],
    ['Friday, 31-Dec-77 00:00:00 GMT', Date.UTC(1977, 11, 31)],
  ];
  for (const [text, at] of read) {
    it(`"${text}" is ${new Date(at).toISOString()}`, () => assert.equal(readHttpDate(text, now), at));
  }

  const refused = [
    '',
    '0',
    '-1',
    '3000',
    '1793707200',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 2027 08:49:37 GMT',
    'Sun, 29 Feb 2026 08:49:37 GMT',
    'Mon, 01 Jan 0001 00:00:00 GMT',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  ];
  for (const text of refused) {
    it(`"${text}" is malformed`, () => assert.equal(readHttpDate(text, now), undefined));
  }

  it('reads every date that toUTCString writes', () => {
    const wholeSeconds = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1000 }).map((seconds) => seconds * 1000);
    fc.assert(fc.property(wholeSeconds, (at) => readHttpDate(new Date(at).toUTCString(), now) === at));
  });
});
