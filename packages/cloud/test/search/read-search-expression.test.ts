import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readSearchExpression } from '../../src/search/read-search-expression.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const dayMs = 24 * 60 * 60 * 1000;
const read = (expression: string) => readSearchExpression(expression, { nowMs });
const messageOf = (expression: string): string => {
  try {
    read(expression);
  } catch (error) {
    assert.equal((error as { status?: unknown }).status, 400);
    return (error as Error).message;
  }
  return assert.fail(`${expression} can be read`);
};

const cat = { kind: 'anywhere', value: 'cat', isPrefix: false };
const dog = { kind: 'anywhere', value: 'dog', isPrefix: false };
const everything = { kind: 'all', conditions: [] };
const nothing = { kind: 'any', conditions: [] };

const conditions: readonly (readonly [expression: string, condition: unknown])[] = [
  ['', everything],
  ['  ', everything],
  ['cat', cat],
  ['cat*', { kind: 'anywhere', value: 'cat', isPrefix: true }],
  ['"red shoe"', { kind: 'anywhere', value: 'red shoe', isPrefix: false }],
  ['*', everything],
  ['cat AND dog', { kind: 'all', conditions: [cat, dog] }],
  ['cat && dog', { kind: 'all', conditions: [cat, dog] }],
  ['cat dog', { kind: 'all', conditions: [cat, dog] }],
  ['cat OR dog', { kind: 'any', conditions: [cat, dog] }],
  ['cat || dog', { kind: 'any', conditions: [cat, dog] }],
  ['cat OR dog AND cat', { kind: 'any', conditions: [cat, { kind: 'all', conditions: [dog, cat] }] }],
  ['(cat OR dog) AND cat', { kind: 'all', conditions: [{ kind: 'any', conditions: [cat, dog] }, cat] }],
  ['NOT cat', { kind: 'not', condition: cat }],
  ['-cat', { kind: 'not', condition: cat }],
  ['!cat', { kind: 'not', condition: cat }],
  ['cat AND NOT (dog)', { kind: 'all', conditions: [cat, { kind: 'not', condition: dog }] }],
  ['and', { kind: 'anywhere', value: 'and', isPrefix: false }],
  ['public_id=animals/cat', { kind: 'equals', field: 'publicId', value: 'animals/cat' }],
  ['public_id:cat', { kind: 'words', field: 'publicId', value: 'cat' }],
  ['public_id:m/*', { kind: 'begins', field: 'publicId', value: 'm/' }],
  ['public_id="a b\\"c\\*"', { kind: 'equals', field: 'publicId', value: 'a b"c*' }],
  ['public_id=a\\ b', { kind: 'equals', field: 'publicId', value: 'a b' }],
  ['asset_id=abc', { kind: 'equals', field: 'assetId', value: 'abc' }],
  ['folder:synced', { kind: 'equals', field: 'folder', value: 'synced' }],
  ['folder:"*"', everything],
  [
    'folder:"synced/*"',
    {
      kind: 'any',
      conditions: [
        { kind: 'equals', field: 'folder', value: 'synced' },
        { kind: 'begins', field: 'folder', value: 'synced/' },
      ],
    },
  ],
  ['folder=""', { kind: 'equals', field: 'folder', value: '' }],
  ['filename:img*', { kind: 'begins', field: 'filename', value: 'img' }],
  ['tags=kitten', { kind: 'equals', field: 'tags', value: 'kitten' }],
  ['tags:kitten', { kind: 'words', field: 'tags', value: 'kitten' }],
  ['tags:*', { kind: 'exists', field: 'tags' }],
  [
    'tags=(a OR b)',
    {
      kind: 'any',
      conditions: [
        { kind: 'equals', field: 'tags', value: 'a' },
        { kind: 'equals', field: 'tags', value: 'b' },
      ],
    },
  ],
  ['context.alt="Red shoe"', { kind: 'equals', field: 'context', key: 'alt', value: 'Red shoe' }],
  ['context.alt:red', { kind: 'words', field: 'context', key: 'alt', value: 'red' }],
  ['context.alt:*', { kind: 'exists', field: 'context', key: 'alt' }],
  [
    'context:alt',
    {
      kind: 'any',
      conditions: [
        { kind: 'words', field: 'context', value: 'alt' },
        { kind: 'exists', field: 'context', key: 'alt' },
      ],
    },
  ],
  ['metadata.colour=red', { kind: 'words', field: 'metadata', value: 'colour red' }],
  ['format:jpg', { kind: 'equals', field: 'format', value: 'jpg' }],
  ['resource_type:image', { kind: 'equals', field: 'resourceType', value: 'image' }],
  ['type:upload', everything],
  ['type=private', nothing],
  ['status:active', everything],
  ['status:deleted', nothing],
  ['width=200', { kind: 'equals', field: 'width', value: 200 }],
  ['width:200', { kind: 'equals', field: 'width', value: 200 }],
  ['width>200', { kind: 'range', field: 'width', from: { value: 200, isInclusive: false } }],
  ['width >= 200', { kind: 'range', field: 'width', from: { value: 200, isInclusive: true } }],
  ['width:<200', { kind: 'range', field: 'width', to: { value: 200, isInclusive: false } }],
  ['bytes>1mb', { kind: 'range', field: 'bytes', from: { value: 1024 ** 2, isInclusive: false } }],
  ['bytes<=1.5k', { kind: 'range', field: 'bytes', to: { value: 1536, isInclusive: true } }],
  [
    'width:[100 TO 200}',
    {
      kind: 'range',
      field: 'width',
      from: { value: 100, isInclusive: true },
      to: { value: 200, isInclusive: false },
    },
  ],
  ['width:{100 TO *]', { kind: 'range', field: 'width', from: { value: 100, isInclusive: false } }],
  ['aspect_ratio:16:9', { kind: 'equals', field: 'aspectRatio', value: 16 / 9 }],
  ['aspect_ratio="1:1"', { kind: 'equals', field: 'aspectRatio', value: 1 }],
  [
    'aspect_ratio=1.5',
    {
      kind: 'range',
      field: 'aspectRatio',
      from: { value: 1.45, isInclusive: true },
      to: { value: 1.55, isInclusive: false },
    },
  ],
  ['created_at>1d', { kind: 'range', field: 'createdAt', from: { value: nowMs - dayMs, isInclusive: false } }],
  ['uploaded_at<2w', { kind: 'range', field: 'createdAt', to: { value: nowMs - 14 * dayMs, isInclusive: false } }],
  ['created_at:3d', { kind: 'range', field: 'createdAt', from: { value: nowMs - 3 * dayMs, isInclusive: true } }],
  [
    'created_at:2026-01-30',
    {
      kind: 'range',
      field: 'createdAt',
      from: { value: Date.UTC(2026, 0, 30), isInclusive: true },
      to: { value: Date.UTC(2026, 0, 31), isInclusive: false },
    },
  ],
  [
    'created_at>2026-01-30',
    { kind: 'range', field: 'createdAt', from: { value: Date.UTC(2026, 0, 31), isInclusive: true } },
  ],
  [
    'created_at>="2026-01-30T10:00:00Z"',
    { kind: 'range', field: 'createdAt', from: { value: Date.UTC(2026, 0, 30, 10), isInclusive: true } },
  ],
  [
    'uploaded_at:[4w TO 1w]',
    {
      kind: 'range',
      field: 'createdAt',
      from: { value: nowMs - 28 * dayMs, isInclusive: true },
      to: { value: nowMs - 7 * dayMs, isInclusive: true },
    },
  ],
];

const refusals: readonly (readonly [expression: string, message: string])[] = [
  ['widht>5', 'At position 1, "widht>5": The field "widht" is unknown. Did you mean width?'],
  ['cat AND', 'At position 8, the end: A condition is missing here.'],
  ['OR cat', 'At position 1, "OR cat": A condition is missing here.'],
  ['(cat', 'At position 1, "(cat": The parenthesis is not closed.'],
  ['cat)', 'No parenthesis is open.'],
  ['tags="a', 'At position 6, "\\"a": The quote is not closed.'],
  ['public_id:*cat', 'At position 11, "*cat": A * can be only at the end of a value.'],
  ['width>big', 'At position 7, "big": width takes a number, such as 200.'],
  ['bytes>1tb', 'bytes takes a size, such as 500000, 20kb or 1.5mb.'],
  ['created_at>yesterday', 'created_at takes a time, such as'],
  ['created_at:2026-13-01', 'created_at takes a time, such as'],
  ['tags>5', 'tags is a text, so it takes : or =, not >.'],
  ['tags:[a TO b]', 'tags is a text, which has no ranges.'],
  ['width:[1 2]', 'TO is expected between the ends of a range.'],
  ['width:[1 TO 2', 'The range is not closed.'],
  ['width:', 'The value of width is missing.'],
  ['width:1*', 'width takes no *, since it is not a text.'],
  ['cat\\', 'A backslash must be followed by a character.'],
  ['constructor:x', 'The field "constructor" is unknown.'],
  ['folder.x:y', 'The field "folder.x" is unknown.'],
];

describe('an expression of a search', () => {
  for (const [expression, condition] of conditions) {
    it(JSON.stringify(expression), () => assert.deepEqual(read(expression), condition));
  }

  for (const [expression, message] of refusals) {
    it(`${JSON.stringify(expression)} is refused`, () => {
      const actual = messageOf(expression);
      assert.ok(actual.includes(message), actual);
    });
  }

  it('has bounds: length, parentheses, conditions', () => {
    assert.match(messageOf('a'.repeat(10_001)), /more than 10000 characters/);
    assert.match(messageOf('('.repeat(33)), /More than 32 parentheses are open/);
    assert.match(messageOf('a '.repeat(201)), /more than 200 conditions/);
    read(`${'('.repeat(32)}a${')'.repeat(32)}`);
    read('a '.repeat(200));
  });

  it('is read, or refused with a position, whatever it is', () => {
    const pieces = ['(', ')', '[', ']', '{', '}', '"', '\\', '*', ' ', 'AND', 'OR', 'NOT', '-', ':', '=', '>', '<'];
    const piece = fc.oneof(
      fc.constantFrom(...pieces, ' TO ', 'width', 'tags', 'folder:', 'context.a', '5', '1d', '&&', '||'),
      fc.string({ maxLength: 3, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (list) => {
        try {
          read(list.join(''));
        } catch (error) {
          assert.match((error as Error).message, /^Invalid expression\. At position \d+, /);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read in linear time', () => {
    const hostile = ['(', '-', '!', 'NOT ', '"', '\\', '[', 'a:', 'a'.repeat(50), ' ', '*', '&&', 'width:['];
    for (const piece of hostile) {
      const expression = piece.repeat(10_000).slice(0, 10_000);
      const startedAt = performance.now();
      try {
        read(expression);
      } catch {
        // Most are refused.
      }
      assert.ok(performance.now() - startedAt < 50, JSON.stringify(piece));
    }
  });

  it('finds a value again that is quoted and escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (value) => {
        const quoted = `"${value.replace(/["\\*]/g, '\\$&')}"`;
        assert.deepEqual(read(`tags=${quoted}`), { kind: 'equals', field: 'tags', value });
      }),
    );
  });
});
