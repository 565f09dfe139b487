import assert from 'node:assert/strict';
import type { Crop, Gravity, TransformationStep } from '@safelight/protocol';
import fc from 'fast-check';
import sharp from 'sharp';
import { planResize, turnedSize } from '../src/geometry.ts';
import type { PixelSize, Region } from '../src/pixel-size.ts';
import { sharpHandler } from '../src/sharp-handler.ts';
import { contextOf, deliveryOf, originalOf } from './pictures.ts';

const cropNames: readonly Crop[] = [
  ...(['scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'fill_pad', 'pad', 'lpad', 'mpad', 'crop', 'thumb'] as const),
];
const gravities: readonly Gravity[] = ['center', 'north', 'south_east', 'west', 'xy_center', 'auto'];

const side = fc.integer({ min: 1, max: 400 });
const sizes = fc.record({ width: side, height: side });
const asked = fc.oneof(
  side,
  fc.constantFrom('0.5' as const, '1.3' as const, '0.01' as const, 'iw' as const, 'ih' as const),
);
const steps: fc.Arbitrary<TransformationStep> = fc
  .record(
    {
      width: asked,
      height: asked,
      crop: fc.constantFrom(...cropNames),
      gravity: fc.constantFrom(...gravities),
      x: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constantFrom('0.25' as const, '-0.5' as const)),
      y: fc.integer({ min: -50, max: 50 }),
      aspectRatio: fc.constantFrom('16:9' as const, '2:3' as const, 1.5),
      dpr: fc.constantFrom(0.5, 2),
    },
    { requiredKeys: ['crop'] },
  )
  .map((step): TransformationStep => (step.crop === 'fill_pad' ? { ...step, gravity: 'auto' } : step))
  .filter(({ crop = 'scale', gravity }) => gravity !== 'auto' || /^(crop|fill|lfill|fill_pad|thumb)$/.test(crop));

/** The plan, or `undefined` for a crop that misses the picture. */
function planned(input: PixelSize, step: TransformationStep) {
  try {
    return planResize(input, step, input);
  } catch {
    return undefined;
  }
}

function isInside(region: Region, box: PixelSize): boolean {
  const { left, top, width, height } = region;
  const isWhole = [left, top, width, height].every(Number.isInteger);
  return isWhole && left >= 0 && top >= 0 && left + width <= box.width && top + height <= box.height;
}

function scaledBy(width: number, height: number, scale: number): readonly [number, number] {
  return [Math.max(1, width * scale), Math.max(1, height * scale)];
}

describe('geometry', () => {
  const roundings: readonly (readonly [PixelSize, TransformationStep, string])[] = [
    [{ width: 3, height: 2 }, { width: '0.5' }, '2x1'],
    [{ width: 100, height: 25 }, { width: 10 }, '10x3'],
    [{ width: 100, height: 24 }, { width: 10 }, '10x2'],
    [{ width: 1000, height: 1 }, { width: 10 }, '10x1'],
    [{ width: 1000, height: 1 }, { width: '0.0001', height: '0.0001' }, '1x1'],
    [{ width: 333, height: 500 }, { width: 100, height: 100, crop: 'fit' }, '67x100'],
    [{ width: 200, height: 133 }, { width: 100, crop: 'limit' }, '100x67'],
    [{ width: 7, height: 7 }, { width: '1.5' }, '11x11'],
    [{ width: 1280, height: 853 }, { width: 640, height: 480, crop: 'fill' }, '640x480'],
    [{ width: 640, height: 427 }, { width: '1.0', height: '1.0' }, '640x427'],
  ];
  for (const [input, step, size] of roundings) {
    it(`${input.width}x${input.height} with ${JSON.stringify(step)} is ${size}`, () => {
      const { output } = planResize(input, step, input);
      assert.equal(`${output.width}x${output.height}`, size);
    });
  }

  it('plans regions inside their input, and parts that add up to the output', () => {
    fc.assert(
      fc.property(sizes, steps, (input, step) => {
        const plan = planned(input, step);
        if (plan === undefined) return;
        let size: PixelSize = input;
        if (plan.before !== undefined) {
          assert.ok(isInside(plan.before, size));
          size = plan.before;
        }
        size = plan.interesting ?? plan.scaled ?? size;
        if (plan.cut !== undefined) {
          assert.ok(isInside(plan.cut, size));
          size = plan.cut;
        }
        if (plan.pad !== undefined) {
          const { left, top, right, bottom } = plan.pad;
          assert.ok([left, top, right, bottom].every((edge) => Number.isInteger(edge) && edge >= 0));
          size = { width: size.width + left + right, height: size.height + top + bottom };
        }
        assert.deepEqual([size.width, size.height], [plan.output.width, plan.output.height]);
        assert.ok(plan.output.width >= 1 && plan.output.height >= 1);
      }),
    );
  });

  // The sizes by the words of Cloudinary's documentation, computed without the code under test.
  const bySize: Readonly<Record<Crop, (w0: number, h0: number, w: number, h: number) => readonly [number, number]>> = {
    scale: (_w0, _h0, w, h) => [w, h],
    fit: (w0, h0, w, h) => scaledBy(w0, h0, Math.min(w / w0, h / h0)),
    limit: (w0, h0, w, h) => scaledBy(w0, h0, Math.min(w / w0, h / h0, 1)),
    mfit: (w0, h0, w, h) => scaledBy(w0, h0, Math.max(Math.min(w / w0, h / h0), 1)),
    fill: (_w0, _h0, w, h) => [w, h],
    lfill: (w0, h0, w, h) => [Math.min(w, w0), Math.min(h, h0)],
    fill_pad: (_w0, _h0, w, h) => [w, h],
    pad: (_w0, _h0, w, h) => [w, h],
    lpad: (_w0, _h0, w, h) => [w, h],
    mpad: (w0, h0, w, h) => [Math.max(w, w0), Math.max(h, h0)],
    crop: (w0, h0, w, h) => [Math.min(w, w0), Math.min(h, h0)],
    thumb: (_w0, _h0, w, h) => [w, h],
  };
  for (const crop of cropNames) {
    it(`gives the documented size for ${crop}`, () => {
      fc.assert(
        fc.property(sizes, side, side, (input, width, height) => {
          const { output } = planResize(
            input,
            { width, height, crop, ...(crop === 'fill_pad' && { gravity: 'auto' }) },
            input,
          );
          const expected = bySize[crop](input.width, input.height, width, height);
          // A half may be rounded in either direction after a division.
          assert.ok(Math.abs(output.width - expected[0]) <= 0.5001 && Math.abs(output.height - expected[1]) <= 0.5001);
        }),
      );
    });
  }

  it('never enlarges a picture with limit, lfill and lpad, and never reduces it with mfit and mpad', () => {
    const factor = (input: PixelSize, { scaled = input }: { readonly scaled?: PixelSize }) =>
      scaled.width / input.width;
    fc.assert(
      fc.property(sizes, side, side, (input, width, height) => {
        for (const crop of ['limit', 'lfill', 'lpad', 'mfit', 'mpad'] as const) {
          const found = factor(input, planResize(input, { width, height, crop }, input));
          assert.ok(crop === 'mfit' || crop === 'mpad' ? found >= 1 : found <= 1, crop);
        }
      }),
    );
  });

  const ratios: readonly (readonly [TransformationStep, string])[] = [
    [{ aspectRatio: '16:9', width: 320, crop: 'fill' }, '320x180'],
    [{ aspectRatio: 1.5, height: 100, crop: 'fill' }, '150x100'],
    [{ aspectRatio: '1:1', crop: 'fill' }, '100x100'],
    [{ aspectRatio: '4:1', crop: 'crop' }, '200x50'],
    [{ aspectRatio: '1:1', crop: 'pad' }, '200x200'],
    [{ aspectRatio: '4:1', crop: 'pad' }, '400x100'],
    [{ aspectRatio: '4:1', crop: 'mpad' }, '400x100'],
    [{ aspectRatio: '1:1', width: 50, crop: 'fit' }, '50x25'],
    [{ aspectRatio: '1:1', crop: 'fill', dpr: 2 }, '200x200'],
    [{ width: 'iw', crop: 'scale', dpr: 1.5 }, '300x150'],
    [{ aspectRatio: '16:9', width: 100, crop: 'fill' }, '100x56'],
  ];
  for (const [step, size] of ratios) {
    it(`200x100 with ${JSON.stringify(step)} is ${size}`, () => {
      const { output } = planResize({ width: 200, height: 100 }, step, { width: 200, height: 100 });
      assert.equal(`${output.width}x${output.height}`, size);
    });
  }

  it('never scales more than a few times the pixels of the result', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 5000 }),
        (long, short, width, height) => {
          const plan = planResize(
            { width: long, height: short },
            { width, height, crop: 'fill' },
            { width: 1, height: 1 },
          );
          const scaled = plan.scaled ?? plan.output;
          assert.ok(scaled.width * scaled.height <= 9 * Math.max(width, height) ** 2);
        },
      ),
    );
  });

  it('cuts out the right place when it cuts before scaling', () => {
    const input = { width: 9000, height: 10 };
    const { before, scaled, cut } = planResize(
      input,
      { width: 20, height: 20, crop: 'fill', gravity: 'west', x: 8000 },
      input,
    );
    assert.deepEqual(
      [before, scaled, cut],
      [
        { left: 4000, top: 0, width: 10, height: 10 },
        { width: 20, height: 20 },
        { left: 0, top: 0, width: 20, height: 20 },
      ],
    );
  });

  it('enlarges the box of a turned picture', () => {
    assert.deepEqual(turnedSize({ width: 30, height: 20 }, 90), { width: 20, height: 30 });
    assert.deepEqual(turnedSize({ width: 30, height: 20 }, -180), { width: 30, height: 20 });
    assert.deepEqual(turnedSize({ width: 100, height: 100 }, 45), { width: 141, height: 141 });
  });

  it('plans the size that sharp produces, for any step and angle', async () => {
    const handler = sharpHandler();
    const angles = fc.option(fc.integer({ min: -720, max: 720 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(sizes, steps, angles, async (input, step, angle) => {
        const plan = planned(input, step);
        if (plan === undefined || plan.output.width * plan.output.height > 200_000) return;
        const png = await sharp({ create: { ...input, channels: 3, background: 'red' } })
          .png({ compressionLevel: 0 })
          .toBuffer();
        const transformation = [{ ...step, ...(angle === undefined ? {} : { angle }) }];
        const result = await handler(deliveryOf({ steps: transformation }), contextOf(originalOf(png, 'png')));
        const size = angle === undefined ? plan.output : turnedSize(plan.output, angle);
        assert.deepEqual([result.width, result.height], [size.width, size.height]);
      }),
      { numRuns: 120 },
    );
  });
});
