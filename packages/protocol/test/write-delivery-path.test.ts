import assert from 'node:assert/strict';
import {
  canonicalTransformation,
  checkParts,
  type Delivery,
  formatDeliveryPath,
  formatTransformation,
  parameters,
  parseDeliveryPath,
  parseTransformation,
  publicIdProblem,
  type TransformationStep,
  writeDeliveryPath,
  writeTransformation,
} from '@safelight/protocol';
import fc from 'fast-check';
import { publicIds, transformations } from './arbitraries.ts';

const plain: Delivery = {
  cloudName: 'demo',
  resourceType: 'image',
  publicId: 'cat',
  transformation: [],
  version: undefined,
  extension: undefined,
  placeholder: undefined,
};

const deliveries: fc.Arbitrary<Delivery> = fc
  .record({
    cloudName: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/),
    resourceType: fc.constantFrom('image' as const, 'video' as const, 'raw' as const),
    publicId: publicIds,
    transformation: transformations,
    version: fc.option(fc.integer({ min: 2, max: 999_999_999_999_999 }), { nil: undefined }),
    extension: fc.option(fc.constantFrom('jpg', 'jpeg', 'webp', 'tif', 'svg'), { nil: undefined }),
    placeholder: fc.constant(undefined),
  })
  // The extension of a raw file is part of its ID.
  .map((delivery) => (delivery.resourceType === 'raw' ? { ...delivery, extension: undefined } : delivery));

describe('writeDeliveryPath', () => {
  const written: readonly (readonly [delivery: Delivery, path: string])[] = [
    [plain, '/demo/image/upload/cat'],
    [
      { ...plain, version: 1_795_368_841, extension: 'jpg', transformation: [{ width: 300, crop: 'fill' }] },
      '/demo/image/upload/c_fill,w_300/v1795368841/cat.jpg',
    ],
    [{ ...plain, publicId: 'cats/cat' }, '/demo/image/upload/v1/cats/cat'],
    [{ ...plain, publicId: 'a_team/cat', version: 5 }, '/demo/image/upload/v5/a_team/cat'],
    [{ ...plain, publicId: 'cat.jpg' }, '/demo/image/upload/cat.jpg.'],
    [{ ...plain, publicId: 'Mr. Cat' }, '/demo/image/upload/Mr.%20Cat'],
    [{ ...plain, publicId: 'cat.jpg', resourceType: 'raw' }, '/demo/raw/upload/cat.jpg'],
    [{ ...plain, publicId: '日本/é:x' }, '/demo/image/upload/v1/%E6%97%A5%E6%9C%AC/%C3%A9:x'],
  ];
  for (const [delivery, path] of written) {
    it(`writes ${path}`, () => assert.equal(writeDeliveryPath(delivery), path));
  }

  it('names the same delivery as formatDeliveryPath', () => {
    const read = (path: string) => {
      const parsed = parseDeliveryPath(path, { maxBytes: 100_000 });
      assert.ok(parsed.ok, `${path}: ${parsed.ok ? '' : parsed.message}`);
      return parsed.delivery;
    };
    fc.assert(
      fc.property(deliveries, (delivery) => {
        assert.deepEqual(read(writeDeliveryPath(delivery)), read(formatDeliveryPath(delivery)));
      }),
      { numRuns: 1000 },
    );
  });

  it('writes a path that the URL parser of browsers does not change', () => {
    fc.assert(
      fc.property(deliveries, (delivery) => {
        const path = writeDeliveryPath(delivery);
        assert.equal(new URL(path, 'https://pictures.example').href, `https://pictures.example${path}`);
      }),
    );
  });

  const refused: readonly (readonly [part: string, change: object])[] = [
    ['cloudName', { cloudName: '..' }],
    ['cloudName', { cloudName: 'a/b' }],
    ['cloudName', { cloudName: '' }],
    ['resourceType', { resourceType: 'images' }],
    ['publicId', { publicId: '../cat' }],
    ['publicId', { publicId: '\ud800' }],
    ['publicId', { publicId: undefined }],
    ['version', { version: 1 }],
    ['version', { version: 1.5 }],
    ['version', { version: -5 }],
    ['version', { version: 1_000_000_000_000_000 }],
    ['version', { version: '5' }],
    ['format', { extension: 'j/g' }],
    ['format', { extension: 'JPG' }],
    ['format', { extension: 'a'.repeat(11) }],
  ];
  for (const [part, change] of refused) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      const message = new RegExp(`^${part} is ".*Expected`);
      assert.throws(() => writeDeliveryPath({ ...plain, ...change }), { name: 'TypeError', message });
    });
  }
});

describe('checkParts', () => {
  it('accepts the same public IDs as publicIdProblem', () => {
    const pieces = fc.constantFrom(
      '/',
      '.',
      ' ',
      '\u00a0',
      '\ufeff',
      '\u2028',
      '\n',
      '\ud800',
      '?',
      '+',
      'a',
      '🐈',
      'é',
    );
    const texts = fc.oneof(
      publicIds,
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 8 }).map((all) => all.join('')),
      fc.tuple(pieces, fc.integer({ min: 250, max: 260 })).map(([piece, times]) => piece.repeat(times)),
    );
    fc.assert(
      fc.property(texts, (publicId) => {
        const problem = publicIdProblem(publicId);
        if (problem === undefined) checkParts({ publicId });
        else assert.throws(() => checkParts({ publicId }), TypeError, problem);
      }),
      { numRuns: 3000 },
    );
  });

  it('needs time in proportion to the length of a public ID', () => {
    for (const piece of ['/', '.', ' ', './', 'a/', '../']) {
      const startedAt = performance.now();
      assert.throws(() => checkParts({ publicId: `a${piece.repeat(100_000)}?` }), TypeError);
      assert.ok(performance.now() - startedAt < 1000, `${JSON.stringify(piece)} takes too long`);
    }
  });
});

describe('writeTransformation', () => {
  // The compiler reports a missing field.
  const every: Required<TransformationStep> = {
    angle: [90, 'hflip'],
    aspectRatio: '16:9',
    background: 'red',
    crop: 'fill',
    dpr: 1.5,
    effect: 'blur:300',
    flags: ['progressive', 'attachment:my cat'],
    format: 'webp',
    gravity: 'north_east',
    height: 200,
    opacity: 50,
    quality: 'auto:eco',
    radius: [20, 0],
    width: '0.5',
    x: -5,
    y: 0,
  };

  it('writes every field of a step with the key of its parameter', () => {
    const text = writeTransformation([every]);
    assert.equal(
      text,
      'a_90.hflip,ar_16:9,b_red,c_fill,dpr_1.5,e_blur:300,f_webp,fl_progressive.attachment:my cat,g_north_east,h_200,o_50,q_auto:eco,r_20:0,w_0.5,x_-5,y_0',
    );
    const inTable = Object.entries(parameters).filter(([, { property }]) => isField(property));
    assert.deepEqual(inTable.map(([, { property }]) => property).sort(), Object.keys(every).sort());
    for (const [key, { property }] of inTable) {
      const [name] = writeTransformation([{ [property]: every[property as keyof TransformationStep] }]).split('_');
      assert.equal(name, key, property);
    }
  });

  it('writes text that is read as the same transformation as the canonical text', () => {
    fc.assert(
      fc.property(transformations, (transformation) => {
        const read = (text: string) => parseTransformation(encodeURI(text));
        assert.deepEqual(read(writeTransformation(transformation)), read(formatTransformation(transformation)));
      }),
    );
  });

  it('accepts every documented example', () => {
    for (const { example } of Object.values(parameters).filter(({ property }) => isField(property))) {
      const parsed = parseTransformation(example);
      assert.ok(parsed.ok);
      assert.deepEqual(parseTransformation(writeTransformation(parsed.transformation)), parsed);
    }
  });

  it('writes only the parameter that was given, whatever the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(every)), fc.anything(), (property, value) => {
        let text: string;
        try {
          text = writeTransformation([{ [property]: value }]);
        } catch (error) {
          assert.ok(error instanceof TypeError);
          return;
        }
        assert.match(text, /^(((ar|dpr|fl|[abcefghoqrwxy])_[\w.:-]*)|fl_[\w:! %.-]+)?$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts the same values as the grammar, except large numbers, ratios, flags and names of colours', () => {
    const texts = [
      ...[
        '',
        '0',
        '1',
        '300',
        '-5',
        '007',
        '412.5',
        '.5',
        '0.5',
        '5.',
        '0.0',
        '1.0',
        '99.9',
        '100.0',
        '100.5',
        '1e3',
        ' 5',
        'iw',
        'ih',
        'IW',
        'auto',
        'x',
        'max',
      ],
      ...['auto:best', 'auto:bset', 'auto:good', 'hflip', 'vflip', 'ignore', '90.hflip', '90.', '20:0', '20:', 'exif'],
      ...[
        'grayscale',
        'blur',
        'blur:300',
        'blur:',
        'sepia',
        'fill',
        'fil',
        'lfill',
        'lfil',
        'mpad',
        'north',
        'face',
        'xy_center',
      ],
      ...[
        '16:9',
        '16:',
        '1.85:1',
        '80:444',
        '80:422',
        '-0.25',
        '-.5',
        'progressive',
        'progressive:semi',
        'attachment',
        'lossy',
      ],
      ...['jpg', 'jpeg', 'tif', 'tiff', 'avif', 'svg', 'mp4', 'constructor', 'a,b', 'a/b'],
    ];
    const values: readonly unknown[] = [
      ...texts,
      ...[0, 1, 100, 300, -5, -0, 12.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY],
      ...[null, true, {}, [], [''], [90, 'hflip'], [90, 'hflp'], [20, 0], [1, 2, 3, 4]],
    ];
    // Fields that these values need beside them.
    const beside: Readonly<Record<string, object>> = {
      crop: { width: 5, gravity: 'center' },
      x: { crop: 'fill' },
      y: { crop: 'fill' },
      gravity: { width: 5, crop: 'fill' },
    };
    const unchecked = new Set(['background', 'aspectRatio', 'dpr', 'flags', 'opacity']);
    for (const property of Object.keys(every).filter((name) => !unchecked.has(name))) {
      for (const value of values) {
        const step = { ...beside[property], [property]: value } as TransformationStep;
        const isWritten = accepts(() => writeTransformation([step]));
        const isRead = accepts(() => canonicalTransformation([step]));
        assert.equal(isWritten, isRead, `${property}: ${JSON.stringify(value)}`);
      }
    }
  });

  it('refuses a value that is not a step', () => {
    for (const step of [300, 'w_300', null]) {
      assert.throws(() => writeTransformation([step as unknown as TransformationStep]), TypeError);
    }
  });

  it('leaves out undefined fields and empty steps', () => {
    assert.equal(writeTransformation([{}, { width: 5 }, JSON.parse('{}')]), 'w_5');
    assert.equal(writeTransformation([]), '');
  });
});

function isField(property: string): boolean {
  return !['placeholder', 'named', 'zoom'].includes(property);
}

function accepts(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
