import assert from 'node:assert/strict';
import { type AttrsOptions, createAsset, type ImgAttrs, imgAttrs, type Picture } from '@safelight/client/url';
import { parseDeliveryPath, type TransformationStep } from '@safelight/protocol';
import fc from 'fast-check';
import { planResize } from '../../sharp/src/geometry.ts';

const place = { endpoint: 'http://localhost:3000', cloudName: 'demo' };
const ref = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
const cat = createAsset({ ...ref, width: 2400, height: 1600 }, place);
const unknown = createAsset(ref, place);

interface Candidate {
  readonly url: string;
  readonly descriptor: string;
}

function candidatesOf({ srcset }: ImgAttrs): readonly Candidate[] {
  return srcset.split(', ').map((candidate) => {
    const [url = '', descriptor = ''] = candidate.split(' ');
    return { url, descriptor };
  });
}

const descriptors = (attrs: ImgAttrs) => candidatesOf(attrs).map(({ descriptor }) => descriptor);

function stepsOf(url: string): readonly TransformationStep[] {
  const parsed = parseDeliveryPath(new URL(url).pathname);
  assert.ok(parsed.ok, `${url} is no delivery URL`);
  return parsed.delivery.transformation;
}

describe('imgAttrs()', () => {
  const url = (step: string, extension = 'jpg') =>
    `http://localhost:3000/demo/image/upload/${step}/v1795368841/cat.${extension}`;

  it('is constrained by default: candidates up to twice the width, and as wide as a small screen', () => {
    assert.deepEqual(imgAttrs(cat, { width: 300, alt: 'A cat' }), {
      src: url('w_300'),
      srcset: `${url('w_300')} 300w, ${url('w_320')} 320w, ${url('w_600')} 600w`,
      sizes: '(min-width: 300px) 300px, 100vw',
      width: 300,
      height: 200,
      alt: 'A cat',
    });
    assert.deepEqual(
      imgAttrs(cat, { layout: 'constrained', width: 300, alt: '' }),
      imgAttrs(cat, { width: 300, alt: '' }),
    );
  });

  it('with a fixed layout has two densities, and no sizes', () => {
    assert.deepEqual(imgAttrs(cat, { layout: 'fixed', width: 300, alt: 'A cat' }), {
      src: url('w_300'),
      srcset: `${url('w_300')} 1x, ${url('w_600')} 2x`,
      width: 300,
      height: 200,
      alt: 'A cat',
    });
  });

  it('with full width has the widths of screens, up to the width of the original', () => {
    const attrs = imgAttrs(cat, { layout: 'full-width', alt: '' });
    assert.deepEqual(descriptors(attrs), ['320w', '640w', '960w', '1280w', '1920w', '2400w']);
    assert.equal(attrs.sizes, '100vw');
    assert.equal(attrs.src, url('w_1280'));
    assert.deepEqual([attrs.width, attrs.height], [1280, 853]);
  });

  it('fills a box, in all candidates', () => {
    const attrs = imgAttrs(cat, {
      layout: 'fixed',
      width: 300,
      height: 100,
      format: 'webp',
      gravity: 'north',
      alt: '',
    });
    assert.equal(attrs.src, url('c_fill,g_north,h_100,w_300', 'webp'));
    assert.equal(candidatesOf(attrs)[1]?.url, url('c_fill,g_north,h_200,w_600', 'webp'));
    assert.deepEqual([attrs.width, attrs.height], [300, 100]);
  });

  it('computes the size of a picture that fits into a box', () => {
    const attrs = imgAttrs(cat, { layout: 'fixed', width: 300, height: 300, crop: 'fit', alt: '' });
    assert.deepEqual([attrs.width, attrs.height], [300, 200]);
    assert.equal(attrs.src, url('c_fit,h_200,w_300'));
  });

  it('has all usual widths when the option sizes is set', () => {
    const attrs = imgAttrs(cat, { width: 600, sizes: '50vw', alt: '' });
    assert.equal(attrs.sizes, '50vw');
    assert.deepEqual(descriptors(attrs), ['320w', '600w', '640w', '960w', '1280w', '1920w', '2400w']);
  });

  it('has the widths of the option widths, and its own width', () => {
    assert.deepEqual(descriptors(imgAttrs(cat, { width: 600, widths: [1200, 400], alt: '' })), [
      '400w',
      '600w',
      '1200w',
    ]);
  });

  it('has no candidate that is larger than the picture', () => {
    const small = createAsset({ ...ref, width: 200, height: 100 }, place);
    const fixed = imgAttrs(small, { layout: 'fixed', width: 300, alt: '' });
    assert.equal(fixed.srcset, `${url('w_200')} 1x`);
    assert.equal(fixed.src, url('w_200'));
    assert.deepEqual([fixed.width, fixed.height], [300, 150]);
    assert.deepEqual(descriptors(imgAttrs(cat, { layout: 'fixed', width: 1600, alt: '' })), ['1x', '1.5x']);
  });

  it('works when the size of the original is not known', () => {
    const attrs = imgAttrs(unknown, { width: 300, alt: '' });
    assert.deepEqual(descriptors(attrs), ['300w', '320w', '600w']);
    assert.equal(attrs.height, undefined);
    assert.equal(imgAttrs(unknown, { width: 300, height: 50, alt: '' }).height, 50);
  });

  it('uses the size of the picture after transform()', () => {
    const face = cat.transform({ crop: 'crop', width: 400, height: 300 });
    const attrs = imgAttrs(face, { layout: 'full-width', alt: '' });
    assert.deepEqual(descriptors(attrs), ['320w', '400w']);
    assert.equal(attrs.src, url('c_crop,h_300,w_400/w_400'));
    assert.equal((attrs.height ?? 0) / attrs.width, 0.75);
  });

  const sideOf = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 6000 }));
  const options: fc.Arbitrary<AttrsOptions> = fc
    .record(
      {
        alt: fc.constant(''),
        layout: fc.constantFrom('constrained', 'fixed', 'full-width'),
        width: sideOf,
        // In proportion to the width, because no page has a box of 1 x 6000.
        height: fc.double({ min: 0.1, max: 4, noNaN: true }),
        sizes: fc.constant('50vw'),
        widths: fc.array(sideOf, { maxLength: 4 }),
        crop: fc.constantFrom('fill', 'lfill', 'pad', 'lpad', 'fit', 'limit', 'scale', 'thumb'),
        quality: fc.constantFrom('auto', 80),
      },
      { requiredKeys: ['alt', 'width'] },
    )
    .map(({ height, ...asked }) => {
      const box = height === undefined ? {} : { height: Math.max(1, Math.round(asked.width * height)) };
      return { ...asked, ...box, ...(asked.crop === 'thumb' && { gravity: 'center' }) } as AttrsOptions;
    });

  it('never enlarges the picture, and names the true width of each candidate', () => {
    fc.assert(
      fc.property(sideOf, sideOf, options, (width, height, asked) => {
        const attrs = imgAttrs(createAsset({ ...ref, width, height }, place), asked);
        for (const { url: candidate, descriptor } of candidatesOf(attrs)) {
          const [step = {}] = stepsOf(candidate);
          const plan = planResize({ width, height }, step, { width, height });
          // A side of less than a pixel becomes one pixel, so no scale can be computed from it.
          const scaled = plan.scaled ?? plan.output;
          if (Math.min(scaled.width, scaled.height, width, height) > 20) {
            const scale = Math.max(
              Math.min(scaled.width / width, scaled.height / height),
              asked.crop === 'scale' ? Math.max(scaled.width / width, scaled.height / height) : 0,
            );
            assert.ok(scale <= 1.05, `${candidate} scales ${width} x ${height} by ${scale}`);
          }
          if (asked.layout !== 'fixed') assert.equal(Number.parseInt(descriptor, 10), step.width);
          if (asked.crop !== 'fit' && asked.crop !== 'limit') assert.equal(plan.output.width, step.width);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('has candidates in ascending order, none twice, with src among them, in the proportions of the attributes', () => {
    fc.assert(
      fc.property(fc.option(sideOf, { nil: undefined }), sideOf, options, (width, height, asked) => {
        const attrs = imgAttrs(createAsset({ ...ref, width, height }, place), asked);
        const candidates = candidatesOf(attrs);
        const sizes = candidates.map(({ descriptor }) => Number.parseFloat(descriptor));
        assert.deepEqual(
          sizes,
          [...new Set(sizes)].sort((a, b) => a - b),
        );
        assert.ok(candidates.some((candidate) => candidate.url === attrs.src));
        assert.equal(candidates.length, new Set(candidates.map((candidate) => candidate.url)).size);
        assert.ok(Number.isInteger(attrs.width) && Number.isInteger(attrs.height ?? 1));
        assert.equal(attrs.sizes === undefined, asked.layout === 'fixed');
        for (const candidate of candidates) {
          const [step = {}] = stepsOf(candidate.url);
          if (typeof step.height !== 'number') continue;
          const expected = (Number(step.width) * (attrs.height ?? 0)) / attrs.width;
          assert.ok(Math.abs(step.height - expected) <= 1, `${candidate.url} for ${attrs.width} x ${attrs.height}`);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('computes the size after the steps of transform() like the server', () => {
    // Large sizes, so that the rounding in each step changes a ratio by a few percent at most.
    const sides = fc.integer({ min: 60, max: 3000 });
    const crop = fc.constantFrom(
      ...(['scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop'] as const),
    );
    const aspectRatio = fc.constantFrom('16:9' as const, '2:3' as const, 1.5);
    const step: fc.Arbitrary<TransformationStep> = fc.oneof(
      fc.record({ width: fc.oneof(sides, fc.constantFrom('0.5', '1.5')), crop }),
      fc.record({ height: sides, crop }),
      fc.record({ width: sides, height: sides, crop }),
      fc.record({ width: sides, height: sides, crop: fc.constant('crop'), x: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ aspectRatio, crop }),
      fc.record(
        { aspectRatio, width: sides, crop, dpr: fc.constantFrom(0.5, 2, 'auto' as const) },
        { requiredKeys: ['width', 'crop'] },
      ),
      fc.record({
        width: fc.constant('0.5'),
        height: fc.constant('0.5'),
        crop: fc.constant('crop'),
        x: fc.constant('0.25'),
      }),
      fc.record({ effect: fc.constant('grayscale') }),
    );
    const isNear = (one: number, other: number) => Math.abs(one - other) <= 2 + other * 0.05;
    fc.assert(
      fc.property(sides, sides, fc.array(step, { maxLength: 3 }), (width, height, transformation) => {
        const original = { width, height };
        const real = [original];
        for (const next of transformation) {
          real.push(planResize(real.at(-1) ?? original, next, original).output);
          fc.pre(real.every((size) => Math.min(size.width, size.height) > 20));
        }
        const made = real.at(-1) ?? original;
        const picture = createAsset({ ...ref, ...original }, place).transform(transformation);
        const attrs = imgAttrs(picture, { width: made.width, widths: [60_000], alt: '' });
        assert.ok(isNear(attrs.height ?? 0, made.height), `${attrs.height} is not ${made.height}`);
        const widest = Number.parseInt(descriptors(attrs).at(-1) ?? '', 10);
        assert.ok(isNear(widest, made.width), `${widest} is not ${made.width}`);
      }),
      { numRuns: 1000 },
    );
  });

  const careful: readonly (readonly [string, Picture])[] = [
    ['a rotation', cat.transform({ angle: 90 })],
    ['a size that only the server knows', cat.transform({ width: 'ih' })],
  ];
  for (const [name, picture] of careful) {
    it(`uses only a certain width after ${name}, and sets no height`, () => {
      const attrs = imgAttrs(picture, { layout: 'full-width', alt: '' });
      assert.equal(descriptors(attrs).at(-1), '1600w');
      if (name === 'a rotation') assert.equal(attrs.height, undefined);
    });
  }

  const refused: readonly (readonly [string, object])[] = [
    ['NaN', { width: Number.NaN }],
    ['a width of 0', { width: 0 }],
    ['a negative height', { width: 5, height: -5 }],
    ['NaN in widths', { width: 5, widths: [Number.NaN] }],
    ['an option that does not exist', { width: 5, loading: 'lazy' }],
  ];
  for (const [name, wrong] of refused) {
    it(`refuses ${name}`, () => {
      const options = { alt: '', ...wrong } as AttrsOptions;
      assert.throws(() => imgAttrs(cat, options), { name: 'SafelightError', code: 'invalid_transformation' });
    });
  }
});
