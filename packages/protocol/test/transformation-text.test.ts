import assert from 'node:assert/strict';
import {
  canonicalTransformation,
  formatTransformation,
  InvalidTransformationError,
  parseTransformation,
  type Transformation,
} from '@safelight/protocol';
import fc from 'fast-check';
import { maxComponents } from '../src/read-steps.ts';
import { transformations } from './arbitraries.ts';

function canonicalText(text: string): string {
  const parsed = parseTransformation(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.message);
  return formatTransformation(parsed.transformation);
}

function refusal(text: string): { code: string; message: string; piece: string; suggestion?: string } {
  const parsed = parseTransformation(text);
  assert.ok(!parsed.ok, `${text} should be refused`);
  const { ok, ...problem } = parsed;
  return problem;
}

describe('parseTransformation', () => {
  it('reads steps from left to right', () => {
    assert.deepEqual(parseTransformation('c_fill,g_north,h_200,w_300/e_blur:300/q_80,f_webp'), {
      ok: true,
      transformation: [
        { width: 300, height: 200, crop: 'fill', gravity: 'north' },
        { effect: 'blur:300' },
        { quality: 80, format: 'webp' },
      ],
      placeholder: undefined,
    });
  });

  it('distinguishes one pixel and the whole width', () => {
    assert.deepEqual(parseTransformation('w_1'), {
      ok: true,
      transformation: [{ width: 1, crop: 'scale' }],
      placeholder: undefined,
    });
    assert.deepEqual(parseTransformation('w_1.0'), {
      ok: true,
      transformation: [{ width: '1.0', crop: 'scale' }],
      placeholder: undefined,
    });
  });

  it('takes the placeholder out of the steps', () => {
    assert.deepEqual(parseTransformation('d_icons:no%20cat.png,w_100'), {
      ok: true,
      transformation: [{ width: 100, crop: 'scale' }],
      placeholder: 'icons/no cat.png',
    });
  });

  it('gives no steps for an empty text', () => {
    assert.deepEqual(parseTransformation(''), { ok: true, transformation: [], placeholder: undefined });
  });

  const spellings: readonly (readonly [string, ...string[]])[] = [
    [
      '',
      'a_0',
      'a_360',
      'a_hflip.hflip',
      'x_0,y_0',
      'g_center',
      'c_scale',
      'c_fill',
      'r_0',
      'r_0:0',
      '/',
      ',',
      'a_0//r_0',
    ],
    [
      'c_scale,w_100',
      'w_100',
      'w_100,c_scale',
      'w_0100',
      'w_100,w_100',
      'w_100,g_north',
      'w_100/a_0',
      '/w_100/',
      'c_scale,g_center,w_100,x_0',
    ],
    ['c_scale,w_1.5', 'w_1.50', 'w_01.5'],
    ['c_scale,w_0.5', 'w_.5', 'w_0.50'],
    ['q_auto', 'q_auto:good'],
    ['e_blur', 'e_blur:100', 'e_grayscale,e_blur'],
    ['f_jpg', 'f_jpeg'],
    ['f_tiff', 'f_tif'],
    [
      'b_white,c_pad,h_2,w_2',
      'w_2,h_2,c_pad,b_WHITE',
      'b_rgb:fff,c_pad,h_2,w_2',
      'b_rgb:FFFFFFFF,c_pad,h_2,w_2',
      'b_%23fff,c_pad,h_2,w_2',
    ],
    ['b_transparent', 'b_none', 'b_rgb:0000'],
    ['b_rgb:112233', 'b_rgb:123'],
    ['a_270', 'a_-90', 'a_90.90.90', 'a_90.hflip.hflip.180'],
    ['a_45.45'],
    ['a_ignore.90', 'a_90.ignore', 'a_ignore.90.ignore'],
    ['r_10', 'r_10:10', 'r_10:10:10:10'],
    ['r_1:2', 'r_1:2:1', 'r_1:2:1:2'],
    ['r_1:2:3', 'r_1:2:3:2'],
    ['c_fill,h_200,w_300', 'w_300,h_200,c_fill', 'c_fill,w_300,h_200,g_center'],
    ['c_crop,h_1,w_1', 'c_crop,g_center,h_1,w_1', 'c_crop,g_center,h_1,w_1,x_0'],
    ['c_crop,g_north_west,h_1,w_1', 'c_crop,h_1,w_1,x_0', 'c_crop,g_north_west,h_1,w_1,x_0,y_0'],
    ['c_crop,g_center,h_1,w_1,x_5', 'c_crop,g_center,h_1,w_1,x_5,y_0'],
    ['c_thumb,g_center,w_1'],
    ['c_scale,h_ih,w_iw'],
    ['c_fill,h_200,w_300', 'c_fill%2Ch_200%2Cw_300', '%63_fill,h_%32%30%30,w_300', 'c_fill%2Cw_300,h_200'],
    ['c_lfill,h_200,w_300', 'c_lfill,g_center,w_300,h_200'],
    ['c_lpad,g_north,h_2,w_2', 'w_2,h_2,g_north,c_lpad,x_0'],
    ['c_mfit,w_2', 'c_mfit,g_north,w_2,x_5'],
    ['c_fill_pad,g_auto,h_2,w_2'],
    ['ar_16:9,c_fill,w_320', 'ar_32:18,c_fill,w_320', 'c_fill,ar_1.6:0.9,w_320'],
    ['ar_3:2,c_fill', 'ar_1.5,c_fill', 'ar_1.50,c_fill', 'c_fill,ar_6:4'],
    ['c_fill,h_2,w_2', 'ar_1:1,c_fill,h_2,w_2', 'ar_16:9,c_fill,h_2,w_2'],
    [
      'c_fill,h_300,w_200',
      'c_fill,dpr_2.0,h_150,w_100',
      'c_fill,dpr_2,h_150,w_100',
      'c_fill,h_150,w_100/dpr_2.0',
      'dpr_2/c_fill,h_150,w_100',
    ],
    ['c_scale,w_100', 'dpr_1.0,w_100', 'dpr_auto,w_100', 'w_100/dpr_auto', 'dpr_0.5,w_200'],
    ['c_scale,w_200/c_crop,h_60,w_60', 'w_100/c_crop,h_20,w_20,dpr_3.0/dpr_2.0'],
    ['c_scale,w_152', 'dpr_1.5,w_101'],
    ['c_scale,w_0.75', 'dpr_1.5,w_0.5'],
    ['c_fill,dpr_2,w_iw', 'c_fill,dpr_2.0,w_iw', 'c_fill,w_iw/dpr_2.0'],
    ['f_auto', 'f_auto,dpr_2.0'],
    ['c_thumb,g_center,w_1', 'c_thumb,g_center,w_1,z_1.5', 'c_thumb,g_center,w_1,z_0.75'],
    ['o_50', 'o_050'],
    [
      '',
      'o_100',
      'z_2',
      'fl_no_overflow',
      'fl_preserve_transparency',
      'fl_progressive:none',
      'dpr_2.0',
      'c_crop,g_north',
    ],
    ['q_80:444'],
    ['c_crop,g_north_west,h_0.5,w_0.5,x_0.25', 'c_crop,h_.5,w_0.50,x_0.250,y_0', 'c_crop,h_0.5,w_0.5,x_.25,y_0.0'],
    ['c_crop,g_center,h_0.5,w_0.5,x_-0.25', 'c_crop,g_center,h_0.5,w_0.5,x_-.25'],
    ['q_80:420', 'q_080:420'],
    [
      'c_scale,fl_progressive,w_1',
      'fl_progressive,w_1',
      'fl_progressive:semi/w_1',
      'w_1/fl_progressive:steep',
      'fl_progressive:none/w_1/fl_progressive',
      'fl_force_strip.progressive,w_1',
      'fl_progressive,fl_no_overflow,w_1',
    ],
    ['c_scale,w_1', 'fl_force_strip,w_1', 'w_1/fl_force_strip', 'fl_progressive/w_1,fl_progressive:none'],
    ['fl_force_strip', 'fl_force_strip.force_strip', 'fl_force_strip/a_0'],
    ['fl_attachment:my cat', 'fl_attachment:my%20cat', 'fl_attachment/fl_attachment:my%20cat'],
    ['fl_attachment:cat%2Ejpg', 'fl_attachment:cat%252Ejpg', 'fl_attachment:cat%252ejpg'],
    ['c_scale,fl_attachment.immutable_cache,w_1', 'fl_immutable_cache.attachment,w_1'],
  ];
  for (const [canonical, ...others] of spellings) {
    it(`writes ${canonical === '' ? 'an empty text' : canonical} for each of its spellings`, () => {
      for (const text of [encodeURI(canonical), ...others]) assert.equal(canonicalText(text), canonical, text);
    });
  }

  it('writes different texts for different pictures', () => {
    const different = [
      'w_1',
      'w_1.0',
      'c_crop,h_1,w_1',
      'c_crop,h_1,w_1,x_0',
      'a_45.45',
      'a_90',
      'a_90.hflip',
      'a_hflip.90',
      'q_auto:eco',
      'q_auto',
    ];
    assert.equal(new Set(different.map(canonicalText)).size, different.length);
  });

  const refusals: readonly (readonly [text: string, code: string, message: string, suggestion?: string])[] = [
    ['w_abc', 'bad_transformation', 'Invalid width in transformation: abc'],
    ['w_0', 'bad_transformation', 'Invalid width in transformation: 0'],
    ['w_-1', 'bad_transformation', 'Invalid width in transformation: -1'],
    ['w_65536', 'bad_transformation', 'Invalid width in transformation: 65536'],
    ['h_0.0', 'bad_transformation', 'Invalid height in transformation: 0.0'],
    ['w_1e3', 'bad_transformation', 'Invalid width in transformation: 1e3'],
    ['w_', 'bad_transformation', 'Invalid width in transformation: '],
    ['q_0', 'bad_transformation', 'Invalid quality in transformation: 0'],
    ['q_101', 'bad_transformation', 'Invalid quality in transformation: 101'],
    ['e_blur:2001', 'bad_transformation', 'Invalid effect in transformation: blur:2001'],
    ['r_1:2:3:4:5', 'bad_transformation', 'Invalid radius in transformation: 1:2:3:4:5'],
    ['w_100,c_fil', 'bad_transformation', 'Invalid crop mode in transformation: fil (did you mean c_fill?)', 'c_fill'],
    [
      'e_greyscale',
      'bad_transformation',
      'Invalid effect in transformation: greyscale (did you mean e_grayscale?)',
      'e_grayscale',
    ],
    [
      'b_wihte',
      'bad_transformation',
      'Invalid background colour in transformation: wihte (did you mean b_white?)',
      'b_white',
    ],
    ['ab_cd', 'bad_transformation', 'Unknown parameter in transformation: ab_cd'],
    [
      'widht_300',
      'bad_transformation',
      'Unknown parameter in transformation: widht_300 (did you mean w_300?)',
      'w_300',
    ],
    ['W_300', 'bad_transformation', 'Unknown parameter in transformation: W_300 (did you mean w_300?)', 'w_300'],
    ['folder', 'bad_transformation', 'Unknown parameter in transformation: folder'],
    ['w_1,w_2', 'bad_transformation', 'Two different values for width in transformation: w_2'],
    ['c_thumb,w_1', 'bad_transformation', 'c_thumb requires a gravity in transformation: add g_center'],
    ['c_fit,g_auto,w_1', 'bad_transformation', 'Use auto gravity only with crop, fill, lfill, fill_pad or thumb'],
    ['w_%ZZ', 'bad_transformation', 'Malformed percent-encoding in transformation: w_%ZZ'],
    ['d_a.png/d_b.png', 'bad_transformation', 'Two different values for default image in transformation'],
    [
      'l_text:Arial_40:Hi',
      'not_offered',
      'Parameter l_ (overlay) is not offered in transformation: l_text:Arial_40:Hi',
    ],
    ['if_w_gt_100', 'not_offered', 'Parameter if_ (condition) is not offered in transformation: if_w_gt_100'],
    ['$x_1', 'not_offered', 'Parameter $ (variable) is not offered in transformation: $x_1'],
    ['e_sharpen:100', 'not_offered', 'This effect is not offered in transformation: e_sharpen:100'],
    ['c_fill,g_face,w_1', 'not_offered', 'This gravity is not offered in transformation: g_face'],
    ['w_auto', 'not_offered', 'This width is not offered in transformation: w_auto'],
    ['t_named', 'not_offered', 'Unknown named transformation: t_named'],
    ['fl_lossy', 'not_offered', 'This flag is not offered in transformation: fl_lossy'],
    [
      'fl_progresive',
      'bad_transformation',
      'Invalid flag in transformation: progresive (did you mean fl_progressive?)',
      'fl_progressive',
    ],
    ['fl_attachment:a%2Fb', 'bad_transformation', 'Invalid flag in transformation: attachment:a/b'],
    ['c_auto,g_auto,w_1', 'not_offered', 'This crop mode is not offered in transformation: c_auto'],
    ['c_fill_pad,w_1', 'bad_transformation', 'c_fill_pad requires g_auto in transformation'],
    ['c_fill,g_microwave,w_1', 'not_offered', 'This gravity is not offered in transformation: g_microwave'],
    ['c_fill,g_cat:dog,w_1', 'not_offered', 'This gravity is not offered in transformation: g_cat:dog'],
    ['c_fill,g_dog:auto:bird,w_1', 'not_offered', 'This gravity is not offered in transformation: g_dog:auto:bird'],
    [
      'c_fill,g_nroth,w_1',
      'bad_transformation',
      'Invalid gravity in transformation: nroth (did you mean g_north?)',
      'g_north',
    ],
    ['e_anti_removal', 'not_offered', 'This effect is not offered in transformation: e_anti_removal'],
    ['q_auto:low:444', 'not_offered', 'This quality is not offered in transformation: q_auto:low:444'],
    ['q_auto:420', 'not_offered', 'This quality is not offered in transformation: q_auto:420'],
    ['q_101:444', 'bad_transformation', 'Invalid quality in transformation: 101:444'],
    ['ar_16:0,w_1', 'bad_transformation', 'Invalid aspect ratio in transformation: 16:0'],
    ['ar_iar,w_1', 'not_offered', 'This aspect ratio is not offered in transformation: ar_iar'],
    ['dpr_0,w_1', 'bad_transformation', 'Invalid device pixel ratio in transformation: 0'],
    ['dpr_3,w_30000', 'bad_transformation', 'The device pixel ratio makes a size too large in transformation: dpr_3'],
    ['o_101', 'bad_transformation', 'Invalid opacity in transformation: 101'],
    ['z_x', 'bad_transformation', 'Invalid zoom in transformation: x'],
    [
      'c_crop,h_1,w_1,x_0.5',
      'bad_transformation',
      'Do not mix whole pixels and multiples in w, h, x and y of one component in transformation',
    ],
    ['f_pdf', 'not_offered', 'This format is not offered in transformation: f_pdf'],
  ];
  for (const [text, code, message, suggestion] of refusals) {
    it(`refuses ${text}`, () => {
      const problem = refusal(text);
      assert.equal(problem.code, code);
      assert.equal(problem.message, message);
      assert.equal(problem.suggestion, suggestion);
      assert.equal(typeof problem.piece, 'string');
    });
  }

  it('refuses whole pixels beside multiples', () => {
    for (const text of ['w_0.5,h_100', 'c_crop,w_0.5,h_0.5,x_10']) {
      assert.match(refusal(text).message, /Do not mix/);
    }
  });

  it('refuses an offset of a crop that has no size', () => {
    assert.match(refusal('c_crop,x_10').message, /requires a width or height/);
  });

  it('limits the number of components', () => {
    assert.ok(parseTransformation(Array(maxComponents).fill('w_1').join('/')).ok);
    assert.equal(
      refusal(
        Array(maxComponents + 1)
          .fill('w_1')
          .join('/'),
      ).code,
      'bad_transformation',
    );
  });

  it('quotes a long text only in part', () => {
    assert.ok(refusal(`w_${'9'.repeat(5000)}`).message.length < 300);
  });

  it('never throws, and reads its own text as the same steps', () => {
    const pieces = fc.constantFrom(
      'w_',
      'h_0.',
      'c_fill',
      'g_auto',
      'a_',
      'hflip',
      '.',
      ':',
      ',',
      '/',
      '%',
      '%41',
      '9',
      'r_1',
      '$',
      '__proto__',
      'd_',
      'ar_1',
      'dpr_2',
      'fl_progressive',
      'fl_attachment:',
      'o_5',
      't_a',
      'x_-.5',
      'z_2',
      'c_lfill',
      '%2C',
      '%25',
      'e_blur',
      '_',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(pieces, fc.string())).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseTransformation(text);
        if (!parsed.ok) return parsed.message !== '';
        const again = parseTransformation(encodeURI(formatTransformation(parsed.transformation)));
        assert.ok(again.ok);
        assert.deepEqual(again.transformation, parsed.transformation);
        return true;
      }),
    );
  });
});

describe('canonicalTransformation', () => {
  it('gives the steps that parseTransformation reads from the text', () => {
    fc.assert(
      fc.property(transformations, (written) => {
        const canonical = canonicalTransformation(written);
        const parsed = parseTransformation(encodeURI(formatTransformation(written)));
        assert.ok(parsed.ok);
        assert.deepEqual(parsed.transformation, canonical);
        assert.deepEqual(canonicalTransformation(canonical), canonical);
      }),
    );
  });

  it('ignores fields that are undefined', () => {
    const loose: unknown = [{ width: 10, height: undefined }, { gravity: undefined }];
    assert.deepEqual(canonicalTransformation(loose as Transformation), [{ width: 10, crop: 'scale' }]);
  });

  const mistakes: readonly (readonly [step: unknown, message: RegExp, piece: string])[] = [
    [{ widht: 300 }, /did you mean width\?/, 'widht'],
    [{ w: 300 }, /did you mean width\?/, 'w'],
    [{ width: 0 }, /Invalid width in transformation: 0/, 'w_0'],
    [{ width: 412.5 }, /Round it to whole pixels/, 'w_412.5'],
    [{ width: Number.NaN }, /Invalid width/, 'w_NaN'],
    [{ crop: 'fil', width: 1 }, /did you mean c_fill\?/, 'c_fil'],
    [{ background: 'red,w_5' }, /Invalid background colour/, 'b_red,w_5'],
    [{ crop: 'auto' }, /not offered/, 'c_auto'],
    [{ width: 60_000, dpr: 2 }, /too large/, 'dpr_2,w_60000'],
    [{ crop: 'thumb', width: 1 }, /requires a gravity/, 'c_thumb,w_1'],
    [{ placeholder: 'x.png' }, /Unknown parameter/, 'placeholder'],
    [null, /must be an object/, 'null'],
  ];
  for (const [step, message, piece] of mistakes) {
    it(`refuses ${JSON.stringify(step)}, and names the piece`, () => {
      assert.throws(
        () => canonicalTransformation([step] as unknown as Transformation),
        (error) => error instanceof InvalidTransformationError && message.test(error.message) && error.piece === piece,
      );
    });
  }

  it('refuses a value that is not an array', () => {
    const step: unknown = { width: 1 };
    assert.throws(() => canonicalTransformation(step as Transformation), /array of steps/);
  });
});
