import type {
  Angle,
  AspectRatio,
  Crop,
  Effect,
  Flag,
  Gravity,
  Offset,
  Size,
  Transformation,
  TransformationStep,
} from '@safelight/protocol';
import { publicIdProblem } from '@safelight/protocol';
import fc from 'fast-check';

const pixels = fc.integer({ min: 1, max: 20_000 });
const sizes: fc.Arbitrary<Size> = fc.oneof(pixels, fc.constantFrom<Size>('iw', 'ih'));
const angles: fc.Arbitrary<Angle> = fc.oneof(
  fc.integer({ min: -720, max: 720 }),
  fc.constantFrom<Angle>(90, 180, -90, 'hflip', 'vflip', 'ignore'),
);
const corners = fc.integer({ min: 0, max: 3 });
const hexDigits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 8, maxLength: 8 });
const multiples = fc.integer({ min: 1, max: 3000 }).map((parts) => `${parts / 1000 + 1e-9}`.slice(0, 5) as `${number}`);
const crops = fc.constantFrom<Crop>(
  ...(['scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop', 'thumb'] as const),
);
const ratios: fc.Arbitrary<AspectRatio> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }))
    .map(([a, b]): AspectRatio => `${a}:${b}`),
  fc.constantFrom<AspectRatio>(1.5, 1, 0.75, '1.85:1'),
);
const flags: fc.Arbitrary<Flag> = fc.oneof(
  fc.constantFrom<Flag>(
    ...(['attachment', 'force_strip', 'immutable_cache', 'no_overflow', 'preserve_transparency'] as const),
    ...(['progressive', 'progressive:none', 'progressive:semi'] as const),
  ),
  fc.constantFrom<Flag>('attachment:my cat', 'attachment:cat%2Ejpg', 'attachment:%E6%97%A5%2C', 'attachment:a-b_c!'),
);
// Large sides stay within the limit of the grammar when they are multiplied.
const dprs = fc.constantFrom(0.5, 1, 2, 2.625, 'auto' as const);
const gravities = fc.constantFrom<Gravity>('center', 'north', 'south_east', 'xy_center');
const effects: fc.Arbitrary<Effect> = fc.oneof(
  fc.constantFrom<Effect>('grayscale', 'blur'),
  fc.integer({ min: 1, max: 2000 }).map((strength): Effect => `blur:${strength}`),
);

/** Valid steps; most are not canonical. */
export const steps: fc.Arbitrary<TransformationStep> = fc
  .record(
    {
      width: sizes,
      height: sizes,
      aspectRatio: ratios,
      dpr: dprs,
      opacity: fc.integer({ min: 0, max: 100 }),
      flags: fc.oneof(flags, fc.array(flags, { minLength: 1, maxLength: 3 })),
      crop: crops,
      gravity: gravities,
      x: fc.integer({ min: -5, max: 5 }),
      y: fc.integer({ min: -5, max: 5 }),
      quality: fc.oneof(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('auto' as const, 'auto:good' as const, '80:444' as const, '7:420' as const),
      ),
      format: fc.constantFrom('jpg' as const, 'webp' as const, 'auto' as const),
      angle: fc.oneof(angles, fc.array(angles, { minLength: 1, maxLength: 8 })),
      effect: effects,
      radius: fc.oneof(corners, fc.constant('max' as const), fc.array(corners, { minLength: 1, maxLength: 4 })),
      background: fc.oneof(
        fc.constantFrom('red', 'Transparent', 'none', 'grey'),
        fc.tuple(hexDigits, fc.constantFrom(3, 4, 6, 8)).map(([hex, digits]) => `rgb:${hex.slice(0, digits)}`),
      ),
    },
    { requiredKeys: [] },
  )
  .filter((step) => step.crop !== 'thumb' || step.gravity !== undefined)
  .filter(({ crop, width, height, aspectRatio }) => crop !== 'crop' || (width ?? height ?? aspectRatio) !== undefined);

/** Steps with multiples in place of pixels. */
const relativeSteps: fc.Arbitrary<TransformationStep> = fc.record(
  {
    width: multiples,
    height: multiples,
    crop: crops,
    gravity: gravities,
    dpr: dprs,
    x: fc.oneof(
      multiples,
      multiples
        .map((multiple): Offset => `-${Number(multiple)}.0` as Offset)
        .filter((offset) => /^-\d+\.\d+$/.test(`${offset}`)),
    ),
    y: multiples,
  },
  { requiredKeys: ['width', 'gravity'] },
);

export const transformations: fc.Arbitrary<Transformation> = fc.array(
  fc.oneof({ weight: 3, arbitrary: steps }, relativeSteps),
  { maxLength: 4 },
);

const segments = fc.oneof(
  fc.constantFrom(
    'cat',
    'v12',
    'v1',
    'v0',
    'w_300',
    'a_team',
    'l_x',
    '$x_1',
    'a.b',
    'a.',
    '.hidden',
    's--5NGylTZs--',
    'é x',
    "it's",
    'Mr. Cat',
    'a,b_c',
    'cat.jpg',
    '...',
    '日本',
    ':',
    '@',
    'a:b',
  ),
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
);

export const publicIds: fc.Arbitrary<string> = fc
  .array(segments, { minLength: 1, maxLength: 4 })
  .map((all) => all.join('/'))
  .filter((publicId) => publicIdProblem(publicId) === undefined);
