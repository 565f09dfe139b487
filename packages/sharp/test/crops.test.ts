import assert from 'node:assert/strict';
import type { TransformationStep } from '@safelight/protocol';
import sharp from 'sharp';
import { applied, drawn, quadrants } from './pictures.ts';

interface Row {
  readonly name: string;
  readonly step: TransformationStep;
  readonly size: readonly [number, number];
  /** The colour at some points of the result, as `x,y`. */
  readonly at?: Readonly<Record<string, string>>;
}

/** The input has 200 x 100 pixels: red and green above blue and white. */
const rows: readonly Row[] = [
  { name: 'width alone scales', step: { width: 50 }, size: [50, 25], at: { '2,2': 'red', '47,22': 'white' } },
  { name: 'height alone scales', step: { height: 50 }, size: [100, 50] },
  { name: 'scale distorts', step: { width: 40, height: 80, crop: 'scale' }, size: [40, 80], at: { '35,5': 'lime' } },
  { name: 'scale goes up', step: { width: '2.0' }, size: [400, 200] },
  { name: 'fit goes down', step: { width: 100, height: 100, crop: 'fit' }, size: [100, 50] },
  { name: 'fit goes up', step: { width: 400, height: 400, crop: 'fit' }, size: [400, 200] },
  { name: 'fit by height', step: { width: 400, height: 50, crop: 'fit' }, size: [100, 50] },
  { name: 'limit goes down', step: { width: 100, height: 100, crop: 'limit' }, size: [100, 50] },
  { name: 'limit never goes up', step: { width: 400, height: 400, crop: 'limit' }, size: [200, 100] },
  { name: 'limit by one side', step: { height: 20, crop: 'limit' }, size: [40, 20] },
  {
    name: 'fill cuts both ends',
    step: { width: 50, height: 50, crop: 'fill' },
    size: [50, 50],
    at: { '2,2': 'red', '47,2': 'lime', '2,47': 'blue', '47,47': 'white' },
  },
  {
    name: 'fill keeps the west',
    step: { width: 50, height: 50, crop: 'fill', gravity: 'west' },
    size: [50, 50],
    at: { '2,2': 'red', '44,2': 'red', '44,47': 'blue' },
  },
  {
    name: 'fill keeps the east',
    step: { width: 50, height: 50, crop: 'fill', gravity: 'east' },
    size: [50, 50],
    at: { '5,2': 'lime', '47,47': 'white' },
  },
  {
    name: 'fill with an offset from the east goes left',
    step: { width: 50, height: 50, crop: 'fill', gravity: 'east', x: 50 },
    size: [50, 50],
    at: { '2,2': 'red', '40,2': 'red' },
  },
  { name: 'fill goes up', step: { width: 300, height: 300, crop: 'fill' }, size: [300, 300], at: { '5,5': 'red' } },
  {
    name: 'fill with one side cuts nothing',
    step: { width: 50, crop: 'fill' },
    size: [50, 25],
    at: { '47,2': 'lime' },
  },
  {
    name: 'fill around a point of the input',
    step: { width: 20, height: 20, crop: 'fill', gravity: 'xy_center', x: 150, y: 50 },
    size: [20, 20],
    at: { '2,2': 'lime', '17,17': 'white' },
  },
  {
    name: 'thumb fills around its gravity',
    step: { width: 20, height: 20, crop: 'thumb', gravity: 'north_east' },
    size: [20, 20],
    at: { '3,2': 'lime', '17,17': 'white' },
  },
  {
    name: 'pad is transparent',
    step: { width: 100, height: 100, crop: 'pad' },
    size: [100, 100],
    at: { '50,2': 'transparent', '50,97': 'transparent', '5,30': 'red', '95,70': 'white' },
  },
  {
    name: 'pad in a colour, at the north',
    step: { width: 100, height: 100, crop: 'pad', gravity: 'north', background: 'black' },
    size: [100, 100],
    at: { '5,5': 'red', '5,95': 'black', '95,55': 'black' },
  },
  {
    name: 'pad at a corner with offsets towards the inside',
    step: { width: 200, height: 200, crop: 'pad', gravity: 'south_east', y: 10, background: 'rgb:000' },
    size: [200, 200],
    at: { '5,195': 'black', '195,185': 'white', '5,92': 'red', '5,85': 'black' },
  },
  { name: 'pad with one side', step: { width: 100, crop: 'pad' }, size: [100, 50], at: { '2,2': 'red' } },
  {
    name: 'crop takes the middle',
    step: { width: 60, height: 60, crop: 'crop' },
    size: [60, 60],
    at: { '2,2': 'red', '57,2': 'lime', '29,29': 'red', '30,30': 'white' },
  },
  {
    name: 'crop with x and y starts at the top left',
    step: { width: 20, height: 20, crop: 'crop', x: 95, y: 45 },
    size: [20, 20],
    at: { '4,4': 'red', '5,4': 'lime', '4,5': 'blue', '5,5': 'white' },
  },
  {
    name: 'crop from a corner counts inwards',
    step: { width: 20, height: 20, crop: 'crop', gravity: 'south_east', x: 90, y: 40 },
    size: [20, 20],
    at: { '9,9': 'red', '10,9': 'lime', '9,10': 'blue', '10,10': 'white' },
  },
  {
    name: 'crop beyond the picture keeps what overlaps',
    step: { width: 100, height: 100, crop: 'crop', x: 150, y: 60 },
    size: [50, 40],
    at: { '2,2': 'white' },
  },
  { name: 'crop larger than the picture', step: { width: 500, height: 50, crop: 'crop' }, size: [200, 50] },
  { name: 'crop with one side keeps the other', step: { width: 50, crop: 'crop', gravity: 'west' }, size: [50, 100] },
  { name: 'mfit goes up', step: { width: 400, height: 400, crop: 'mfit' }, size: [400, 200] },
  { name: 'mfit never goes down', step: { width: 100, height: 100, crop: 'mfit' }, size: [200, 100] },
  {
    name: 'lfill cuts like fill when the picture is larger',
    step: { width: 50, height: 50, crop: 'lfill', gravity: 'west' },
    size: [50, 50],
    at: { '2,2': 'red', '44,2': 'red', '44,47': 'blue' },
  },
  { name: 'lfill never goes up', step: { width: 400, height: 300, crop: 'lfill' }, size: [200, 100] },
  {
    name: 'lfill cuts without scaling when one side is larger',
    step: { width: 100, height: 400, crop: 'lfill' },
    size: [100, 100],
    at: { '2,2': 'red', '48,2': 'red', '52,2': 'lime', '97,97': 'white' },
  },
  {
    name: 'lpad pads without scaling a smaller picture',
    step: { width: 300, height: 200, crop: 'lpad', background: 'black' },
    size: [300, 200],
    at: { '49,100': 'black', '51,51': 'red', '248,148': 'white', '251,100': 'black' },
  },
  {
    name: 'lpad reduces a larger picture',
    step: { width: 100, height: 100, crop: 'lpad', gravity: 'north', background: 'black' },
    size: [100, 100],
    at: { '2,2': 'red', '97,47': 'white', '50,52': 'black' },
  },
  {
    name: 'mpad enlarges the canvas only',
    step: { width: 100, height: 200, crop: 'mpad', background: 'black' },
    size: [200, 200],
    at: { '5,48': 'black', '5,52': 'red', '195,148': 'white', '195,152': 'black' },
  },
  { name: 'mpad leaves a larger picture', step: { width: 50, height: 50, crop: 'mpad' }, size: [200, 100] },
  {
    name: 'fill_pad fills while half of the picture remains',
    step: { width: 100, height: 100, crop: 'fill_pad', gravity: 'auto', background: 'black' },
    size: [100, 100],
    at: { '50,2': 'red', '50,97': 'blue' },
  },
  {
    name: 'fill_pad pads what would lose more than half',
    step: { width: 50, height: 200, crop: 'fill_pad', gravity: 'auto', background: 'black' },
    size: [50, 200],
    at: { '25,70': 'black', '2,77': 'red', '2,122': 'blue', '25,130': 'black' },
  },
  {
    name: 'an aspect ratio gives the missing side',
    step: { width: 50, aspectRatio: '1:1', crop: 'fill', gravity: 'east' },
    size: [50, 50],
    at: { '5,2': 'lime', '47,47': 'white' },
  },
  {
    name: 'an aspect ratio alone takes the largest box',
    step: { aspectRatio: '1:1', crop: 'crop', gravity: 'west' },
    size: [100, 100],
    at: { '97,2': 'red', '97,97': 'blue' },
  },
  {
    name: 'an aspect ratio alone pads to the smallest box',
    step: { aspectRatio: '1:1', crop: 'pad', background: 'black' },
    size: [200, 200],
    at: { '100,48': 'black', '2,52': 'red', '100,152': 'black' },
  },
  { name: 'a pixel density multiplies', step: { width: 'iw', dpr: 2 }, size: [400, 200], at: { '5,5': 'red' } },
  {
    name: 'offsets are multiples of the input',
    step: { width: '0.1', height: '0.2', crop: 'crop', x: '0.475', y: '0.45' },
    size: [20, 20],
    at: { '4,4': 'red', '5,4': 'lime', '4,5': 'blue', '5,5': 'white' },
  },
  { name: 'iw and ih name the original', step: { width: 'ih', height: 'iw' }, size: [100, 200] },
];

describe('crops', () => {
  let picture: Buffer;
  before(async () => {
    picture = await quadrants(200, 100);
  });

  for (const { name, step, size, at = {} } of rows) {
    it(`${name}: ${size.join(' x ')}`, async () => {
      const result = await applied(picture, step);
      assert.deepEqual([result.width, result.height], size);
      for (const [place, colour] of Object.entries(at)) {
        const [x = 0, y = 0] = place.split(',').map(Number);
        assert.equal(result.at(x, y), colour, `at ${place}`);
      }
    });
  }

  it('finds the part that draws attention', async () => {
    const scene = await drawn(
      400,
      100,
      '<rect width="400" height="100" fill="#fff"/><circle cx="350" cy="50" r="30" fill="#f00"/>',
    );
    for (const crop of ['fill', 'thumb', 'crop'] as const) {
      const result = await applied(scene, { width: 100, height: 100, crop, gravity: 'auto' });
      assert.deepEqual([result.width, result.height], [100, 100]);
      const row = Array.from({ length: 100 }, (_, x) => result.at(x, 50));
      assert.ok(row.includes('red'), `${crop} shows the circle`);
    }
  });

  it('applies each step to the result of the one before it', async () => {
    const result = await applied(
      picture,
      { width: 100, height: 100, crop: 'crop', gravity: 'east' },
      { width: '0.5' },
      { width: 100, height: 50, crop: 'pad', background: 'black' },
      { width: 'iw', crop: 'scale' },
    );
    assert.deepEqual([result.width, result.height], [200, 100]);
    assert.equal(result.at(10, 10), 'black');
    assert.equal(result.at(60, 10), 'lime');
    assert.equal(result.at(100, 90), 'white');
  });

  it('pads a grey picture in colour', async () => {
    const grey = await sharp(picture).toColourspace('b-w').png().toBuffer();
    const result = await applied(grey, { width: 100, height: 100, crop: 'pad', background: 'red' });
    assert.equal(result.at(50, 5), 'red');
  });

  it('refuses a step that cannot be applied', async () => {
    const rejected = (step: TransformationStep, message: RegExp) =>
      assert.rejects(applied(picture, step), { name: 'TransformError', code: 'bad_transformation', message });
    await rejected({ width: 0 }, /Invalid width in transformation: 0/);
    await rejected({ height: '-0.5' }, /Invalid height in transformation: -0\.5/);
    await rejected({ width: 10, height: 10, crop: 'crop', x: 200, y: 0 }, /outside the picture of 200 x 100/);
    await rejected(
      { width: 10, crop: 'scale', gravity: 'auto' },
      /auto gravity only with crop, fill, lfill, fill_pad or thumb/,
    );
  });
});
