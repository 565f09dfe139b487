import assert from 'node:assert/strict';
import { formatCacheStatus, formatServerTiming } from '@safelight/protocol';
import fc from 'fast-check';
import { type Item, isInnerList, parseDictionary, parseList, serializeBareItem, Token } from 'structured-headers';
import { type BareItem, parseFieldDictionary, parseFieldList } from '../src/structured-field.ts';

type Member = readonly [value: BareItem, parameters: Readonly<Record<string, BareItem>>];

function ours(text: string): readonly Member[] {
  return parseFieldList(text).map(({ value, parameters }) => [value, { ...parameters }]);
}

/** A malformed field and a field with inner lists count as empty. */
function theirs(text: string): readonly Member[] {
  try {
    return parseList(text).map((member) => {
      if (isInnerList(member)) throw new TypeError('None of our headers has one.');
      const [value, parameters] = member;
      return [plain(value), Object.fromEntries([...parameters].map(([name, item]) => [name, plain(item)]))];
    });
  } catch {
    return [];
  }
}

/** Our parser reads tokens as strings, and leaves byte sequences, dates and display strings as they are written. */
function plain(value: Item[0]): BareItem {
  if (value instanceof Token) return value.toString();
  return typeof value === 'object' ? serializeBareItem(value) : value;
}

/** Intended differences: the reason, an example, and whether a generated text may differ for this reason. */
const differences: readonly (readonly [why: string, text: string, explains: (text: string) => boolean])[] = [
  ['our parser reads members after a date, theirs does not', '@1659578233, x', (text) => /@-?\d+[^\d]/.test(text)],
  [
    'our parser leaves a byte sequence as it is written, even if it is not base64',
    ':x:',
    (text) => /(?:^|[=,\t ]):/.test(text.replaceAll(':aGk=:', '')),
  ],
];

/** Well-formed in nine of ten cases. */
function mostly(good: readonly string[], bad: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...good) }, fc.constantFrom(...bad));
}

const key = mostly(['hit', 'ttl', 'fwd', 'a-b', '*x', 'a.b'], ['Hit', '1x', '__proto__', '']);
const texts = ['x', 'uri-miss', '*', 'a/b:c', '"a, b"', '"a\\"b\\\\"', '""'];
const others = ['?1', '?0', '1', '-1', '1.5', '-0.125', '999999999999999', ':aGk=:', '@1659578233', '%"f%c3%bc"'];
const badText = ['"a', '"\\a"', '"é"', '(a b)', 'é', '-', '@x'];
const badNumber = ['1.', '.5', '1.2345', '1000000000000000', '--1', '?2'];
const bare = mostly([...texts, ...others], [...badText, ...badNumber]);
const space = fc.constantFrom('', '', ' ', '  ');
const parameter = fc
  .tuple(space, key, fc.option(bare), space)
  .map(([before, name, value, after]) => `;${before}${name}${value === null ? '' : `=${value}`}${after.slice(0, 0)}`);
const member = fc
  .tuple(bare, fc.array(parameter, { maxLength: 3 }))
  .map(([value, parameters]) => value + parameters.join(''));
const list = fc
  .tuple(space, fc.array(member, { maxLength: 3 }), mostly([',', ', ', ' ,', '\t,\t'], [',,']), space)
  .map(([before, members, between, after]) => before + members.join(between) + after);
const pieces = fc.array(fc.constantFrom('x', ';', '=', '"', '\\', ',', ' ', '\t', '?1', '1', '.', '-', ':', '@', '('));

describe('parseFieldList and the package structured-headers (RFC 9651)', () => {
  for (const [name, texts, minShare] of [
    ['lists of items with parameters', list, 0.3],
    ['any combination of their pieces', pieces.map((all) => all.join('')), 0.01],
  ] as const) {
    it(`agree about ${name}`, () => {
      let read = 0;
      let all = 0;
      fc.assert(
        fc.property(texts, (text) => {
          if (differences.some(([, , explains]) => explains(text))) return;
          const members = ours(text);
          all += 1;
          if (members.length > 0) read += 1;
          assert.deepEqual(members, theirs(text), JSON.stringify(text));
        }),
        { numRuns: 5000 },
      );
      assert.ok(read > all * minShare, `only ${read} of ${all} were well-formed`);
    });
  }

  for (const [why, text] of differences) {
    it(`differ on purpose: ${why}`, () => assert.notDeepEqual(ours(text), theirs(text)));
  }

  const odd = [
    '\tx',
    'x\t',
    '\u00a0x',
    'x\u00a0',
    'x,\u00a0y',
    'x\u00a0, y',
    'x, y,',
    ' x ',
    'x ;a',
    'x; a;a=2',
    'x;a=1;a',
  ];
  for (const text of odd) {
    it(`agree about ${JSON.stringify(text)}`, () => assert.deepEqual(ours(text), theirs(text)));
  }

  const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((text) => `x${text}x`);

  it('structured-headers reads the Cache-Status that formatCacheStatus writes', () => {
    fc.assert(
      fc.property(printable, printable, fc.integer(), (cache, detail, ttl) => {
        const expected = [[cache, { hit: true, ttl, detail }]];
        assert.deepEqual(theirs(formatCacheStatus({ cache, hit: true, ttl, detail })), expected);
      }),
    );
  });

  it('structured-headers reads the Server-Timing that formatServerTiming writes', () => {
    fc.assert(
      fc.property(fc.constantFrom('err', 'heal', 'rung'), printable, fc.nat(10 ** 9), (name, desc, dur) => {
        const expected = [
          [name, { dur, desc }],
          ['placeholder', {}],
        ];
        assert.deepEqual(theirs(formatServerTiming([{ name, dur, desc }, { name: 'placeholder' }])), expected);
      }),
    );
  });
});

describe('parseFieldDictionary and the package structured-headers (RFC 9651)', () => {
  const entry = fc
    .tuple(key, fc.option(bare), fc.array(parameter, { maxLength: 2 }))
    .map(([name, value, parameters]) => name + (value === null ? '' : `=${value}`) + parameters.join(''));
  const dictionary = fc
    .tuple(space, fc.array(entry, { maxLength: 3 }), mostly([',', ', ', ' ,', '\t,\t'], [',,']), space)
    .map(([before, entries, between, after]) => before + entries.join(between) + after);

  function theirDictionary(text: string): ReadonlyMap<string, BareItem> | undefined {
    try {
      const members = [...parseDictionary(text)];
      return new Map(members.map(([name, member]) => [name, plain((member as Item)[0])]));
    } catch {
      return undefined;
    }
  }

  it('agree about dictionaries of items', () => {
    fc.assert(
      fc.property(dictionary, (text) => {
        // A list in parentheses stays as it is written, and it is not checked.
        if (text.includes('(') || differences.some(([, , explains]) => explains(text))) return;
        assert.deepEqual(parseFieldDictionary(text), theirDictionary(text), JSON.stringify(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('an inner list stays as it is written', () => {
    assert.deepEqual(parseFieldDictionary('private=("a, b)" "c"), x')?.get('private'), '("a, b)" "c")');
    assert.equal(parseFieldDictionary('private=("a"'), undefined);
  });
});
