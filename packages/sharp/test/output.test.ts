import assert from 'node:assert/strict';
import type { FormatBucket } from '@safelight/core';
import type { Flag, ImageFormat, Quality } from '@safelight/protocol';
import sharp from 'sharp';
import { avifEffort } from '../src/limits.ts';
import { type FormatCriteria, negotiateFormat, writtenFormats } from '../src/output-format.ts';
import { sharpHandler } from '../src/sharp-handler.ts';
import {
  type Asked,
  bytesOf,
  contextOf,
  decoded,
  deliveryOf,
  drawn,
  made,
  noise,
  originalOf,
  quadrants,
  svg,
} from './pictures.ts';

const handler = sharpHandler();

describe('negotiateFormat', () => {
  type Row = readonly [Partial<FormatCriteria>, ImageFormat];
  const rows: readonly Row[] = [
    [{}, 'jpg'],
    [{ stored: 'png' }, 'png'],
    [{ extension: 'webp' }, 'webp'],
    [{ extension: 'JPEG' }, 'jpg'],
    [{ extension: 'tif' }, 'tiff'],
    [{ extension: 'webp', format: 'avif' }, 'avif'],
    [{ format: 'auto', bucket: 'avif' }, 'avif'],
    [{ format: 'auto', bucket: 'webp', extension: 'png' }, 'webp'],
    [{ format: 'auto', bucket: 'other', stored: 'webp' }, 'jpg'],
    [{ format: 'auto', bucket: 'other', hasAlpha: true }, 'png'],
    [{ format: 'auto' }, 'jpg'],
    [{ stored: 'heic' }, 'jpg'],
    [{ stored: 'jxl', hasAlpha: true }, 'png'],
    [{ stored: 'svg' }, 'png'],
    [{ stored: 'svg', extension: 'svg' }, 'png'],
    [{ stored: 'svg', extension: 'jpg', hasAlpha: true }, 'jpg'],
  ];
  for (const [criteria, format] of rows) {
    it(`${JSON.stringify(criteria)} is ${format}`, () => {
      const defaults = { format: undefined, extension: undefined, stored: 'jpg', bucket: undefined, hasAlpha: false };
      assert.equal(negotiateFormat({ ...defaults, ...criteria }), format);
    });
  }

  const refused: readonly Partial<FormatCriteria>[] = [
    ...['heic', 'jxl', 'html', 'constructor', 'svg'].map((extension) => ({ extension })),
    { format: 'svg' as ImageFormat, stored: 'svg' },
  ];
  for (const criteria of refused) {
    it(`refuses ${JSON.stringify(criteria)}`, () => {
      const defaults = { format: undefined, extension: undefined, stored: 'jpg', bucket: undefined, hasAlpha: false };
      assert.throws(() => negotiateFormat({ ...defaults, ...criteria }), { code: 'not_offered' });
    });
  }
});

describe('output', () => {
  let photo: Buffer;
  let logo: Buffer;
  before(async () => {
    photo = await noise(120, 80)
      .jpeg({ quality: 95 })
      .withExif({ IFD0: { Copyright: 'secret place' } })
      .toBuffer();
    logo = await drawn(60, 40, '<rect width="30" height="40" fill="#00f"/>');
  });
  const photoAs = (asked: Asked) => handler(deliveryOf(asked), contextOf(originalOf(photo, 'jpg'), asked));

  const magic: Readonly<Record<ImageFormat, RegExp>> = {
    jpg: /^ffd8ff/,
    png: /^89504e470d0a1a0a/,
    webp: /^52494646.{8}57454250/,
    avif: /^.{8}6674797061766966/,
    gif: /^47494638/,
    tiff: /^49492a00/,
  };
  for (const [format, { contentType }] of Object.entries(writtenFormats)) {
    it(`writes ${format} as ${contentType}`, async () => {
      for (const asked of [
        { steps: [{ format: format as ImageFormat }] },
        { steps: [{ width: 30 }], extension: format },
      ]) {
        const result = await handler(deliveryOf(asked), contextOf(originalOf(logo, 'png')));
        assert.deepEqual([result.format, result.contentType], [format, contentType]);
        const bytes = await bytesOf(result.body);
        assert.match(bytes.subarray(0, 16).toString('hex'), magic[format as ImageFormat]);
      }
    });
  }

  it('chooses the format of f_auto by the bucket', async () => {
    const formats = (['avif', 'webp', 'other'] as const).map(async (bucket: FormatBucket) => {
      return (await photoAs({ steps: [{ format: 'auto', width: 20 }], bucket })).format;
    });
    assert.deepEqual(await Promise.all(formats), ['avif', 'webp', 'jpg']);
    const rounded = await photoAs({ steps: [{ radius: 5 }, { format: 'auto' }], bucket: 'other' });
    assert.equal(rounded.format, 'png');
  });

  it('refuses an extension that it cannot write, also that of an SVG for another picture', async () => {
    for (const extension of ['heic', 'svg', 'pdf']) {
      const message = `This format is not offered as extension: ${extension}`;
      await assert.rejects(photoAs({ extension }), { code: 'not_offered', message });
    }
    assert.equal((await photoAs({ extension: 'svg', steps: [{ format: 'png' }] })).format, 'png');
  });

  it('streams the stored bytes when the delivery changes nothing', async () => {
    for (const asked of [{}, { extension: 'jpg' }, { extension: 'jpeg' }, { steps: [{}] }]) {
      const { body, contentType, format } = await photoAs(asked);
      assert.deepEqual([contentType, format], ['image/jpeg', 'jpg']);
      assert.equal(Buffer.isBuffer(body), false, 'streamed');
      assert.deepEqual(await bytesOf(body), photo);
    }
  });

  it('delivers other files unchanged, and never as a document', async () => {
    const page = originalOf(Buffer.from('<script>'), 'html', { resourceType: 'raw' });
    const raw = await handler(deliveryOf({}, { resourceType: 'raw' }), contextOf(page));
    assert.deepEqual([raw.contentType, (await bytesOf(raw.body)).toString()], ['application/octet-stream', '<script>']);
    const film = contextOf(originalOf(Buffer.from('film'), 'mp4', { resourceType: 'video' }));
    const video = await handler(deliveryOf({ extension: 'mp4' }, { resourceType: 'video' }), film);
    assert.equal(video.contentType, 'video/mp4');
    const poster = deliveryOf({ extension: 'jpg' }, { resourceType: 'video' });
    await assert.rejects(handler(poster, film), { code: 'not_implemented' });
  });

  it('has fewer bytes at a lower quality, in every format with a quality', async () => {
    for (const extension of ['jpg', 'webp', 'avif']) {
      const bytes = async (quality: 90 | 30 | 'auto' | 'auto:best' | 'auto:eco' | 'auto:low') => {
        const { body } = await photoAs({ steps: [{ quality }], extension });
        return (await bytesOf(body)).length;
      };
      assert.ok((await bytes(90)) > (await bytes(30)), extension);
      const levels = [await bytes('auto:best'), await bytes('auto'), await bytes('auto:eco'), await bytes('auto:low')];
      assert.deepEqual(
        levels,
        levels.toSorted((a, b) => b - a),
        extension,
      );
    }
  });

  it('writes progressive JPEG and interlaced PNG', async () => {
    for (const extension of ['jpg', 'png']) {
      const isProgressive = async (flags: Flag | undefined) => {
        const { body } = await photoAs({ steps: [{ width: 40, flags }], extension });
        return (await sharp(await bytesOf(body)).metadata()).isProgressive;
      };
      assert.deepEqual([await isProgressive('progressive'), await isProgressive(undefined)], [true, false], extension);
    }
  });

  it('writes the chroma subsampling that the quality names', async () => {
    const bytesAs = async (quality: Quality, extension: string) =>
      bytesOf((await photoAs({ steps: [{ width: 40, quality }], extension })).body);
    const chroma = async (quality: Quality) =>
      (await sharp(await bytesAs(quality, 'jpg')).metadata()).chromaSubsampling;
    assert.deepEqual([await chroma('80:444'), await chroma('80:420'), await chroma(80)], ['4:4:4', '4:2:0', '4:2:0']);
    // sharp does not report it for AVIF, whose default is 4:4:4.
    const [full, half, plain] = await Promise.all(
      (['60:444', '60:420', 60] as const).map((quality) => bytesAs(quality, 'avif')),
    );
    assert.deepEqual(full, plain);
    assert.notDeepEqual(half, plain);
  });

  it('removes the metadata of an original that nothing else changes', async () => {
    const { body } = await photoAs({ steps: [{ flags: ['force_strip'] }] });
    const bytes = await bytesOf(body);
    assert.ok(!bytes.includes('secret place'));
    assert.equal((await sharp(bytes).metadata()).width, 120);
  });

  it('uses the last quality, and refuses numbers out of range', async () => {
    const size = async (...qualities: readonly number[]) =>
      (await bytesOf((await photoAs({ steps: qualities.map((quality) => ({ quality })) })).body)).length;
    assert.equal(await size(10, 80), await size(80));
    await assert.rejects(size(101), { code: 'bad_transformation', message: /Invalid quality/ });
    await assert.rejects(size(0), { code: 'bad_transformation' });
  });

  it('strips metadata', async () => {
    assert.ok(photo.includes('secret place'));
    const { body } = await photoAs({ steps: [{ width: 50 }] });
    const { exif, icc, orientation } = await sharp(await bytesOf(body)).metadata();
    assert.deepEqual([exif, icc, orientation], [undefined, undefined, undefined]);
  });

  it('turns other colour spaces into sRGB', async () => {
    const cmyk = await sharp(await quadrants(40, 40))
      .flatten()
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    const { body } = await handler(
      deliveryOf({ steps: [{ width: 20 }], extension: 'png' }),
      contextOf(originalOf(cmyk, 'jpg')),
    );
    assert.deepEqual((await sharp(await bytesOf(body)).metadata()).space, 'srgb');
  });

  it('keeps transparency if the format has it, and paints white behind it otherwise', async () => {
    for (const extension of ['png', 'webp', 'avif', 'gif', 'tiff']) {
      assert.equal((await made(originalOf(logo, 'png'), { extension })).at(45, 20), 'transparent', extension);
    }
    const { at } = await made(originalOf(logo, 'png'), { extension: 'jpg' });
    assert.deepEqual([at(50, 20), at(10, 20)], ['white', 'blue']);
  });

  it('transforms the first frame of an animation', async () => {
    const frames = await sharp([await quadrants(20, 20), await drawn(20, 20, '<rect width="20" height="20"/>')], {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    const still = await made(originalOf(frames, 'gif'), { steps: [{ width: 10 }], extension: 'png' });
    assert.deepEqual([still.width, still.height, still.at(1, 1)], [10, 10, 'red']);
  });

  it('uses a low effort for AVIF', () => {
    const efforts = [10, 300, 320, 1000, 1100, 5000].map((side) => avifEffort({ width: side, height: side }));
    assert.deepEqual(efforts, [2, 2, 1, 1, 0, 0]);
  });

  describe('SVG originals', () => {
    const drawing = svg(40, 20, '<rect width="40" height="20" fill="#f00"/><script>alert(1)</script>');

    it('are drawn for every requested format', async () => {
      for (const asked of [{}, { extension: 'svg' }, { extension: 'png' }]) {
        const result = await handler(deliveryOf(asked), contextOf(originalOf(drawing, 'svg')));
        assert.deepEqual([result.contentType, result.width, result.height], ['image/png', 40, 20]);
        assert.equal((await decoded(await bytesOf(result.body))).at(5, 5), 'red');
      }
    });

    it('are drawn sharply when they are enlarged', async () => {
      const line = svg(10, 10, '<rect width="5" height="10" fill="#000"/>');
      const { at } = await made(originalOf(line, 'svg'), { steps: [{ width: 400 }] });
      assert.deepEqual([at(198, 200), at(201, 200)], ['black', 'transparent']);
    });
  });
});
