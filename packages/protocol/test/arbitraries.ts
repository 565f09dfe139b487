import type { Angle, Crop, Effect, Gravity, Size, Transformation, TransformationStep } from '@safelight/protocol';
import { publicIdProblem } from '@safelight/protocol';
import fc from 'fast-check';

const pixels = fc.integer({ min: 1, max: 65_535 });
const sizes: fc.Arbitrary<Size> = fc.oneof(pixels, fc.constantFrom<Size>('iw', 'ih'));
const angles: fc.Arbitrary<Angle> = fc.oneof(
  fc.integer({ min: -720, max: 720 }),
  fc.constantFrom<Angle>(90, 180, -90, 'hflip', 'vflip', 'ignore'),
);
const corners = fc.integer({ min: 0, max: 3 });
const hexDigits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 8, maxLength: 8 });
const crops = fc.constantFrom<Crop>('scale', 'fit', 'limit', 'fill', 'pad', 'crop', 'thumb');
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
      crop: crops,
      gravity: gravities,
      x: fc.integer({ min: -5, max: 5 }),
      y: fc.integer({ min: -5, max: 5 }),
      quality: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom('auto' as const, 'auto:good' as const)),
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
  .filter((step) => step.crop !== 'crop' || step.width !== undefined || step.height !== undefined);

export const transformations: fc.Arbitrary<Transformation> = fc.array(steps, { maxLength: 4 });

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
