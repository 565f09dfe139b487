import assert from 'node:assert/strict';
import type { TransformationStep } from '@safelight/protocol';
import sharp from 'sharp';
import { blurSigma } from '../src/effects.ts';
import { operations, outputFields } from '../src/operations.ts';
import { applied, drawn, made, noise, originalOf, quadrants } from './pictures.ts';

describe('operations', () => {
  let picture: Buffer;
  before(async () => {
    picture = await quadrants(80, 40);
  });

  it('have a row for every field of a step', () => {
    const every: Readonly<Record<keyof TransformationStep, true>> = {
      width: true,
      height: true,
      aspectRatio: true,
      dpr: true,
      opacity: true,
      flags: true,
      crop: true,
      gravity: true,
      x: true,
      y: true,
      quality: true,
      format: true,
      angle: true,
      effect: true,
      radius: true,
      background: true,
    };
    const known = new Set([...operations.flatMap(({ when, reads = [] }) => [...when, ...reads]), ...outputFields]);
    assert.deepEqual([...known].sort(), Object.keys(every).sort());
  });

  it('name an unknown field', async () => {
    const step: TransformationStep & { readonly zoom: number } = { width: 10, zoom: 2 };
    await assert.rejects(applied(picture, step), { code: 'bad_transformation', message: /Unknown parameter.*: zoom/ });
  });

  it('opacity multiplies the transparency of each pixel', async () => {
    const alphaAt = async (opacity: number) => {
      const { bytes } = await applied(picture, { opacity });
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      return [...data.subarray(0, 4)];
    };
    for (const opacity of [1, 20, 50, 99]) {
      const [red = 0, green, blue, alpha = 0] = await alphaAt(opacity);
      assert.ok(Math.abs(alpha - opacity * 2.55) <= 1, `${opacity}: ${alpha}`);
      if (opacity >= 20) assert.deepEqual([Math.abs(red - 255) <= 3, green, blue], [true, 0, 0]);
    }
  });

  it('opacity is painted on white if the format has no transparency', async () => {
    const { bytes } = await made(originalOf(picture, 'png'), {
      steps: [{ opacity: 40, quality: 100 }],
      extension: 'jpg',
    });
    const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    // The last pixel is white; the first is red: 255, and 60 % of white in the other channels.
    const [red = 0, green = 0, blue = 0] = data;
    assert.ok(
      Math.abs(red - 255) <= 2 && Math.abs(green - 153) <= 2 && Math.abs(blue - 153) <= 2,
      `${red} ${green} ${blue}`,
    );
  });

  it('opacity comes before a colour behind the picture', async () => {
    const result = await applied(picture, { opacity: 0, background: 'blue' });
    assert.deepEqual([result.at(2, 2), result.channels], ['blue', 3]);
  });

  describe('angle', () => {
    const rows: readonly (readonly [TransformationStep['angle'], readonly [number, number], string])[] = [
      [90, [40, 80], 'blue red white lime'],
      [-90, [40, 80], 'lime white red blue'],
      [180, [80, 40], 'white blue lime red'],
      [360, [80, 40], 'red lime blue white'],
      ['hflip', [80, 40], 'lime red white blue'],
      ['vflip', [80, 40], 'blue white red lime'],
      [['hflip', 90], [40, 80], 'white lime blue red'],
      [[90, 'hflip'], [40, 80], 'red blue lime white'],
      [['hflip', 'hflip'], [80, 40], 'red lime blue white'],
    ];
    for (const [angle, [width, height], colours] of rows) {
      it(`${JSON.stringify(angle)} shows ${colours}`, async () => {
        const result = await applied(picture, { angle: angle ?? 0 });
        assert.deepEqual([result.width, result.height], [width, height]);
        const [right, bottom] = [width - 4, height - 4];
        const seen = [result.at(3, 3), result.at(right, 3), result.at(3, bottom), result.at(right, bottom)];
        assert.equal(seen.join(' '), colours);
      });
    }

    it('enlarges the box, with transparent or coloured corners', async () => {
      const bare = await applied(picture, { angle: 45 });
      assert.deepEqual([bare.width, bare.height, bare.at(1, 1)], [85, 85, 'transparent']);
      const filled = await applied(picture, { angle: 45, background: 'blue' });
      assert.deepEqual([filled.at(1, 1), filled.channels], ['blue', 3]);
    });

    it('is applied after the crop and the padding of the same step', async () => {
      const result = await applied(picture, { width: 40, height: 60, crop: 'pad', background: 'black', angle: 90 });
      assert.deepEqual([result.width, result.height], [60, 40]);
      assert.deepEqual([result.at(2, 20), result.at(25, 5), result.at(35, 5)], ['black', 'blue', 'red']);
    });
  });

  describe('orientation', () => {
    let turned: Buffer;
    before(async () => {
      // Orientation 6: stored on its left side, displayed after a turn by 90 degrees.
      turned = await sharp(picture)
        .withMetadata({ orientation: 6 })
        .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
        .toBuffer();
    });
    const asked = (step: TransformationStep) => made(originalOf(turned, 'jpg'), { steps: [step], extension: 'png' });

    it('is applied before sizes', async () => {
      const result = await asked({ width: '0.5' });
      assert.deepEqual([result.width, result.height, result.at(2, 2), result.at(17, 2)], [20, 40, 'blue', 'red']);
    });

    it('is applied before a crop', async () => {
      const result = await asked({ width: 10, height: 10, crop: 'crop', gravity: 'south_east' });
      assert.deepEqual([result.width, result.height, result.at(5, 5)], [10, 10, 'lime']);
    });

    it('is applied before angles', async () => {
      const result = await asked({ angle: [90, 'vflip'] });
      assert.deepEqual([result.width, result.height, result.at(3, 3), result.at(76, 3)], [80, 40, 'lime', 'red']);
    });

    it('is not applied with ignore', async () => {
      const result = await asked({ angle: 'ignore', width: 40 });
      assert.deepEqual([result.width, result.height, result.at(3, 3)], [40, 20, 'red']);
    });
  });

  describe('effect', () => {
    it('makes a picture grey', async () => {
      const result = await applied(picture, { effect: 'grayscale' });
      const [first, second, third] = result.at(3, 3).split(',');
      assert.ok(first === second && second === third && first !== '255');
    });

    it('keeps transparency', async () => {
      const hole = await drawn(20, 20, '<rect width="10" height="20" fill="#00f"/>');
      const { at } = await applied(hole, { effect: 'grayscale' }, { angle: 90 }, { angle: 'vflip' });
      assert.deepEqual([at(10, 15), at(10, 5)], ['18,18,18', 'transparent']);
    });

    it('does not change the colour of later padding', async () => {
      const padded = { width: 80, height: 80, crop: 'pad', background: 'red' } as const;
      const result = await applied(picture, { effect: 'grayscale' }, padded);
      assert.equal(result.at(40, 5), 'red');
      assert.notEqual((await applied(picture, { ...padded, effect: 'grayscale' })).at(40, 5), 'red');
    });

    it('blurs more with a larger strength', async () => {
      const grain = await noise(100, 100).png().toBuffer();
      const spread = async (step: TransformationStep) => {
        const { channels } = await sharp((await applied(grain, step)).bytes).stats();
        return channels[0]?.stdev ?? 0;
      };
      const [none, weak, usual] = [
        await spread({ width: 100 }),
        await spread({ effect: 'blur:40' }),
        await spread({ effect: 'blur' }),
      ];
      assert.ok(none > weak && weak > usual, `${none} ${weak} ${usual}`);
    });

    it('maps strength to sigma, and refuses a strength out of range', async () => {
      assert.deepEqual([blurSigma(), blurSigma('1'), blurSigma('400'), blurSigma('2000')], [2.5, 0.3, 10, 50]);
      await assert.rejects(applied(picture, { effect: 'blur:2001' }), { code: 'bad_transformation' });
    });
  });

  describe('radius', () => {
    const cornersOf = async (radius: NonNullable<TransformationStep['radius']>) => {
      const { at } = await applied(picture, { radius });
      return [at(1, 1), at(78, 1), at(78, 38), at(1, 38)].map((colour) => (colour === 'transparent' ? 0 : 1)).join('');
    };

    it('rounds corners in CSS order', async () => {
      assert.equal(await cornersOf(20), '0000');
      assert.equal(await cornersOf([20, 0]), '0101');
      assert.equal(await cornersOf([20, 0, 0]), '0111');
      assert.equal(await cornersOf([0, 0, 20, 20]), '1100');
      assert.equal(await cornersOf(0), '1111');
      assert.equal(await cornersOf('max'), '0000');
      assert.equal(await cornersOf(5000), '0000');
    });

    it('leaves the middle of each side with an ellipse', async () => {
      const { at, width, height } = await applied(picture, { radius: 'max' });
      assert.deepEqual([width, height, at(10, 3), at(38, 1)], [80, 40, 'transparent', 'red']);
    });

    it('shows the background in the corners, and white in a JPEG', async () => {
      const onBlack = await applied(picture, { radius: 20, background: 'black' });
      assert.equal(onBlack.at(0, 0), 'black');
      const jpg = await made(originalOf(picture, 'png'), { steps: [{ radius: 20, quality: 100 }], extension: 'jpg' });
      assert.deepEqual([jpg.format, jpg.at(0, 0)], ['jpeg', 'white']);
      const painted = await made(originalOf(picture, 'png'), {
        steps: [{ radius: 20, background: 'blue', quality: 100 }],
        extension: 'jpg',
      });
      assert.equal(painted.at(0, 0), 'blue');
    });

    it('can be followed by a crop in a later step', async () => {
      const { at, width } = await applied(
        picture,
        { radius: 20 },
        { width: 40, height: 40, crop: 'crop', gravity: 'west' },
      );
      assert.deepEqual([width, at(0, 0), at(39, 0)], [40, 'transparent', 'red']);
    });
  });

  describe('background', () => {
    const rows = [
      ['red', 'red'],
      ['ReD', 'red'],
      ['rgb:00f', 'blue'],
      ['rgb:0f0f', 'lime'],
      ['rgb:FFFFFF', 'white'],
      ['rgb:00ff0080', 'lime/128'],
      ['transparent', 'transparent'],
    ] as const;
    for (const [background, seen] of rows) {
      it(`${background} behind a hole shows ${seen}`, async () => {
        const hole = await drawn(20, 20, '<rect width="10" height="20" fill="#000"/>');
        const { at } = await applied(hole, { background });
        assert.deepEqual([at(2, 2), at(15, 15)], ['black', seen]);
      });
    }

    for (const background of ['nocolour', 'rgb:12', 'rgb:ggg', 'url(x)', '']) {
      it(`refuses ${JSON.stringify(background)}`, async () => {
        const step = { width: 100, height: 100, crop: 'pad', background } as const;
        await assert.rejects(applied(picture, step), { code: 'bad_transformation', message: /Invalid background/ });
      });
    }
  });
});
