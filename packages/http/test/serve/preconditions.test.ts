import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import fc from 'fast-check';
import { listsTag, listsTagStrongly } from '../../src/serve/entity-tags.ts';
import { evaluatePreconditions, holdsIfRange, type PreconditionResult } from '../../src/serve/preconditions.ts';
import { lastModified, lastModifiedAt } from './served.ts';

const now = (): number => lastModifiedAt + 3_600_000;
const before = 'Fri, 02 Jan 2026 03:04:04 GMT';
const after = 'Fri, 02 Jan 2026 03:04:06 GMT';
const strong = { etag: '"a"', lastModifiedAt };
const weak = { etag: 'W/"a"', lastModifiedAt };
const tagless = { etag: undefined, lastModifiedAt };
const dateless = { etag: '"a"', lastModifiedAt: undefined };

type Case = readonly [
  rule: string,
  asked: IncomingHttpHeaders,
  current: typeof strong | typeof tagless | typeof dateless,
  PreconditionResult,
];

const cases: readonly Case[] = [
  ['13.2.2 no precondition', {}, strong, 'proceed'],
  ['13.1.1 the current tag', { 'if-match': '"a"' }, strong, 'proceed'],
  ['13.1.1 another tag', { 'if-match': '"b"' }, strong, 'failed'],
  ['13.1.1 a list with the current tag', { 'if-match': '"b", "a"' }, strong, 'proceed'],
  ['13.1.1 strong comparison: a weak tag in the field', { 'if-match': 'W/"a"' }, strong, 'failed'],
  ['13.1.1 strong comparison: the current tag is weak', { 'if-match': '"a"' }, weak, 'failed'],
  ['13.1.1 strong comparison: two weak tags', { 'if-match': 'W/"a"' }, weak, 'failed'],
  ['13.1.1 any', { 'if-match': '*' }, tagless, 'proceed'],
  ['13.1.1 no current tag', { 'if-match': '"a"' }, tagless, 'failed'],
  ['13.1.1 malformed', { 'if-match': 'a' }, strong, 'failed'],
  ['13.1.1 empty', { 'if-match': '' }, strong, 'failed'],
  ['13.1.4 the current date', { 'if-unmodified-since': lastModified }, strong, 'proceed'],
  ['13.1.4 a later date', { 'if-unmodified-since': after }, strong, 'proceed'],
  ['13.1.4 an earlier date', { 'if-unmodified-since': before }, strong, 'failed'],
  ['13.1.4 no current date', { 'if-unmodified-since': before }, dateless, 'proceed'],
  ['13.1.4 a malformed date', { 'if-unmodified-since': 'yesterday' }, strong, 'proceed'],
  ['13.1.4 ignored beside If-Match', { 'if-match': '"a"', 'if-unmodified-since': before }, strong, 'proceed'],
  ['13.1.2 the current tag', { 'if-none-match': '"a"' }, strong, 'not-modified'],
  ['13.1.2 another tag', { 'if-none-match': '"b"' }, strong, 'proceed'],
  ['13.1.2 a list with the current tag', { 'if-none-match': '"b" ,\t"a"' }, strong, 'not-modified'],
  ['13.1.2 weak comparison: in the field', { 'if-none-match': 'W/"a"' }, strong, 'not-modified'],
  ['13.1.2 weak comparison: the current tag', { 'if-none-match': '"a"' }, weak, 'not-modified'],
  ['13.1.2 weak comparison: both', { 'if-none-match': 'W/"a"' }, weak, 'not-modified'],
  ['13.1.2 any', { 'if-none-match': ' * ' }, tagless, 'not-modified'],
  ['13.1.2 * in a list does not count', { 'if-none-match': '"b", *' }, strong, 'proceed'],
  ['13.1.2 no current tag', { 'if-none-match': '"a"' }, tagless, 'proceed'],
  ['13.1.2 without quotes', { 'if-none-match': 'a' }, strong, 'proceed'],
  [
    '13.1.2 without quotes, like the current tag',
    { 'if-none-match': 'a' },
    { etag: 'a', lastModifiedAt },
    'not-modified',
  ],
  ['13.1.2 an open quote', { 'if-none-match': '"a' }, strong, 'proceed'],
  ['13.1.2 W is upper case', { 'if-none-match': 'w/"a"' }, strong, 'proceed'],
  ['13.1.2 a tag after a syntax error', { 'if-none-match': 'b, "a"' }, strong, 'proceed'],
  ['5.6.1.2 empty elements', { 'if-none-match': ', ,"b",,"a"' }, strong, 'not-modified'],
  ['8.8.3 commas within a tag', { 'if-none-match': '"b,", "a"' }, strong, 'not-modified'],
  ['8.8.3 a tag within a tag', { 'if-none-match': '"b, "a", "' }, strong, 'proceed'],
  ['8.8.3 a longer tag', { 'if-none-match': '"aa", "a "' }, strong, 'proceed'],
  ['13.1.3 the current date', { 'if-modified-since': lastModified }, strong, 'not-modified'],
  ['13.1.3 a later date', { 'if-modified-since': after }, strong, 'not-modified'],
  ['13.1.3 an earlier date', { 'if-modified-since': before }, strong, 'proceed'],
  ['13.1.3 no current date', { 'if-modified-since': after }, dateless, 'proceed'],
  ['13.1.3 a malformed date', { 'if-modified-since': '3000' }, strong, 'proceed'],
  ['13.1.3 two dates', { 'if-modified-since': `${after}, ${after}` }, strong, 'proceed'],
  ['13.1.3 ignored beside If-None-Match', { 'if-none-match': '"b"', 'if-modified-since': after }, strong, 'proceed'],
  [
    '13.1.3 only If-None-Match decides',
    { 'if-none-match': '"a"', 'if-modified-since': before },
    strong,
    'not-modified',
  ],
  [
    '5.6.7 the obsolete form of a date',
    { 'if-modified-since': 'Friday, 02-Jan-26 03:04:05 GMT' },
    strong,
    'not-modified',
  ],
  ['5.6.7 the asctime form of a date', { 'if-modified-since': 'Fri Jan  2 03:04:05 2026' }, strong, 'not-modified'],
  ['13.2.2 412 before 304', { 'if-match': '"b"', 'if-none-match': '"a"' }, strong, 'failed'],
  ['13.2.2 304 after If-Match', { 'if-match': '"a"', 'if-none-match': '"a"' }, strong, 'not-modified'],
  [
    '13.2.2 both dates',
    { 'if-unmodified-since': lastModified, 'if-modified-since': lastModified },
    strong,
    'not-modified',
  ],
];

describe('preconditions', () => {
  for (const [rule, asked, current, verdict] of cases) {
    it(`${rule}: ${JSON.stringify(asked)} is ${verdict}`, () => {
      assert.equal(evaluatePreconditions(asked, current, now), verdict);
    });
  }

  const ifRanges: readonly [
    rule: string,
    field: string,
    current: Parameters<typeof holdsIfRange>[1],
    holds: boolean,
  ][] = [
    ['the current tag', '"a"', strong, true],
    ['another tag', '"b"', strong, false],
    ['the current tag, weakened', 'W/"a"', strong, false],
    ['the current, weak tag', 'W/"a"', weak, false],
    ['the strong form of a weak tag', '"a"', weak, false],
    ['a list', '"a", "b"', strong, false],
    ['any', '*', strong, false],
    ['the current date', lastModified, strong, true],
    ['the current date, no current tag', lastModified, tagless, true],
    ['a later date', after, strong, false],
    ['an earlier date', before, strong, false],
    ['no current date', lastModified, dateless, false],
    ['a malformed date', 'yesterday', strong, false],
  ];
  for (const [rule, field, current, holds] of ifRanges) {
    it(`13.1.5 If-Range: ${rule} ${holds ? 'holds' : 'does not hold'}`, () => {
      assert.equal(holdsIfRange(field, current, now), holds);
    });
  }

  it('8.8.2.2 a date is weak until its second has ended', () => {
    const second = lastModifiedAt - 678;
    assert.equal(
      holdsIfRange(lastModified, strong, () => second + 999),
      false,
    );
    assert.equal(
      holdsIfRange(lastModified, strong, () => second + 1000),
      true,
    );
  });

  const opaque = fc
    .string({ unit: fc.constantFrom('a', 'b', ',', ' ', 'W', '/', '*', 'é') })
    .map((text) => `"${text}"`);
  const listed = fc.tuple(fc.constantFrom('', 'W/'), opaque).map(([weakness, tag]) => `${weakness}${tag}`);
  const list = fc.array(listed, { minLength: 1, maxLength: 5 });
  const glue = fc.constantFrom(',', ', ', ' ,', ',,', ',\t, ');

  it('a list is compared tag by tag, for any characters', () => {
    fc.assert(
      fc.property(list, glue, listed, (tags, separator, current) => {
        const field = tags.join(separator);
        const bare = (tag: string): string => tag.replace(/^W\//, '');
        assert.equal(
          listsTag(field, current),
          tags.some((tag) => bare(tag) === bare(current)),
        );
        assert.equal(listsTagStrongly(field, current), tags.includes(current) && !current.startsWith('W/'));
      }),
      { numRuns: 3000 },
    );
  });
});
