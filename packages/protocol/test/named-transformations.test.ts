import assert from 'node:assert/strict';
import {
  formatTransformation,
  parseDeliveryPath,
  parseTransformation,
  readNamedTransformations,
} from '@safelight/protocol';
import fc from 'fast-check';
import { transformations } from './arbitraries.ts';

describe('named transformations', () => {
  const named = readNamedTransformations({
    card: 't_small/r_8',
    small: 'c_fill,h_100,w_100',
    gray: 'e_grayscale/d_none.png',
  });
  const canonicalOf = (text: string): string => {
    const parsed = parseTransformation(text, { named });
    assert.ok(parsed.ok, parsed.ok ? '' : parsed.message);
    return formatTransformation(parsed.transformation);
  };

  const rows: readonly (readonly [text: string, canonical: string])[] = [
    ['t_small', 'c_fill,h_100,w_100'],
    ['t_card', 'c_fill,h_100,w_100/r_8'],
    ['t_small.gray', 'c_fill,h_100,w_100/e_grayscale'],
    ['a_90,t_small', 'c_fill,h_100,w_100/a_90'],
    ['w_10/t_small/f_webp', 'c_scale,w_10/c_fill,h_100,w_100/f_webp'],
    ['t_small/dpr_2.0', 'c_fill,h_200,w_200'],
  ];
  for (const [text, canonical] of rows) {
    it(`reads ${text} as ${canonical}`, () => assert.equal(canonicalOf(text), canonical));
  }

  it('says whether the meaning of a URL can change', () => {
    const read = (path: string) => {
      const parsed = parseDeliveryPath(path, { named });
      assert.ok(parsed.ok);
      return parsed.isNamed;
    };
    assert.equal(read('/demo/image/upload/t_small/v12/cat.jpg'), true);
    assert.equal(read('/demo/image/upload/w_5/v12/cat.jpg'), undefined);
  });

  it('reads the placeholder of a named transformation', () => {
    const parsed = parseTransformation('t_gray', { named });
    assert.ok(parsed.ok);
    assert.equal(parsed.placeholder, 'none.png');
  });

  it('refuses a name that is not known, and names it', () => {
    const parsed = parseTransformation('t_small.huge', { named });
    assert.ok(!parsed.ok);
    assert.deepEqual([parsed.code, parsed.message], ['not_offered', 'Unknown named transformation: t_huge']);
  });

  it('limits the steps of names', () => {
    const many = readNamedTransformations({ ten: Array(10).fill('w_5').join('/'), all: 't_ten/t_ten/t_ten' });
    const parsed = parseTransformation('t_all/w_1/w_2/w_3', { named: many });
    assert.ok(!parsed.ok);
    assert.match(parsed.message, /Too many components in transformation: 33/);
  });

  it('lists the names with their texts, in the given order', () => {
    assert.deepEqual(
      [...named].map(([name, { text }]) => [name, text]),
      [
        ['card', 't_small/r_8'],
        ['small', 'c_fill,h_100,w_100'],
        ['gray', 'e_grayscale/d_none.png'],
      ],
    );
  });

  const wrong: readonly (readonly [texts: Readonly<Record<string, unknown>>, message: RegExp])[] = [
    [{ thumb: 'w_abc' }, /^transformations\.thumb cannot be used\. Invalid width in transformation: abc\.$/],
    [{ thumb: 'e_art:zorro' }, /transformations\.thumb cannot be used\. This effect is not offered/],
    [{ a: 't_b' }, /transformations\.a cannot be used\. Unknown named transformation: t_b/],
    [{ a: 't_a' }, /transformations\.a contains itself: a -> a/],
    [{ a: 't_b/w_5', b: 't_c', c: 't_b' }, /transformations\.b contains itself: b -> c -> b/],
    [{ 'a b': 'w_5' }, /has the name "a b"\. Use 1 to 100 letters/],
    [{ a: 5 }, /transformations\.a is .*; it must be a text such as/],
    [{ a: '' }, /transformations\.a is/],
    [{ a: `w_5/${'a_0/'.repeat(600)}` }, /transformations\.a has 2404 characters/],
    [{ big: Array(31).fill('w_5').join('/'), huge: 't_big/t_big' }, /transformations\.huge cannot be used\. Too many/],
  ];
  for (const [texts, message] of wrong) {
    it(`refuses ${JSON.stringify(texts).slice(0, 60)}`, () => {
      assert.throws(() => readNamedTransformations(texts as Readonly<Record<string, string>>), {
        name: 'TypeError',
        message,
      });
    });
  }

  it('stands for its text, whatever the text is', () => {
    fc.assert(
      fc.property(transformations, (transformation) => {
        const text = encodeURI(formatTransformation(transformation));
        fc.pre(text !== '' && text.length < 2000);
        const parsed = parseTransformation('t_it', { named: readNamedTransformations({ it: text }) });
        assert.ok(parsed.ok);
        assert.deepEqual(parsed.transformation, transformationOf(text));
      }),
    );
  });
});

function transformationOf(text: string) {
  const parsed = parseTransformation(text);
  return parsed.ok ? parsed.transformation : undefined;
}
