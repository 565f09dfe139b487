import assert from 'node:assert/strict';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { hasMoreScans } from '../src/scans.ts';
import { sharpHandler } from '../src/sharp-handler.ts';
import { gifOfFrames, jpegOfScans, svgOfBytes, webpOfFrames } from './costly-pictures.ts';
import { contextOf, deliveryOf, noise, originalOf } from './pictures.ts';

const asked = { steps: [{ width: 5 }], extension: 'png' } as const;

interface Costly {
  readonly format: string;
  readonly allowed: () => Promise<Buffer> | Buffer;
  readonly refused: () => Promise<Buffer> | Buffer;
  readonly message: RegExp;
}

const costly: Readonly<Record<string, Costly>> = {
  'scans of a JPEG': {
    format: 'jpg',
    allowed: () => jpegOfScans(32),
    refused: () => jpegOfScans(33),
    message: /^The original has more than 32 scans\. Save it/,
  },
  'thousands of scans of a JPEG': {
    format: 'jpg',
    allowed: () => noise(50, 50).jpeg({ progressive: true }).toBuffer(),
    refused: () => jpegOfScans(2_600, 4_000),
    message: /more than 32 scans/,
  },
  'frames of a GIF': {
    format: 'gif',
    allowed: () => gifOfFrames(2_000),
    refused: () => gifOfFrames(10_000),
    message: /^The original has more than 2000 frames or pages$/,
  },
  'frames of a WebP': {
    format: 'webp',
    allowed: () => webpOfFrames(2_000),
    refused: () => webpOfFrames(10_000),
    message: /^The original has more than 2000 frames or pages$/,
  },
  'bytes of an SVG': {
    format: 'svg',
    allowed: () => svgOfBytes(100_000),
    refused: () => svgOfBytes(20_000_000),
    message: /^The original has 200000\d\d bytes of SVG; at most 4000000 are allowed$/,
  },
  'bytes of an SVG after space': {
    format: 'svg',
    allowed: () => Buffer.concat([Buffer.from('\uFEFF'), svgOfBytes(1_000)]),
    refused: () => Buffer.concat([Buffer.alloc(100, '\n'), svgOfBytes(20_000_000)]),
    message: /bytes of SVG; at most 4000000 are allowed$/,
  },
};

describe('the work of an original', function () {
  this.timeout(60_000);

  const handler = sharpHandler({ isolation: 'none' });
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-costly-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [what, { format, allowed, refused, message }] of Object.entries(costly)) {
    it(`${what}: too many are too_complex, in an upload and in a derivation, as bytes and as a file`, async () => {
      const localPath = join(folder, 'original');
      await writeFile(localPath, await allowed());
      assert.equal((await handler.probe(localPath)).format, format);
      const bytes = await refused();
      await writeFile(localPath, bytes);
      const expected = { name: 'TransformError', code: 'too_complex', message };
      await assert.rejects(handler.probe(localPath), expected);
      const inFile = originalOf(bytes, format, { localPath, versionId: `${what} in a file` });
      await assert.rejects(handler(deliveryOf(asked), contextOf(inFile)), expected);
      const inMemory = originalOf(bytes, format, { versionId: `${what} in memory` });
      await assert.rejects(handler(deliveryOf(asked), contextOf(inMemory)), expected);
    });
  }

  it('is bounded by options', async () => {
    const options = { maxScans: 9, maxFrames: 2, maxSvgBytes: 500 };
    const strict = sharpHandler({ ...options, isolation: 'none' });
    const pictures = [
      await noise(50, 50).jpeg({ progressive: true }).toBuffer(),
      gifOfFrames(3),
      await webpOfFrames(3),
      svgOfBytes(501),
    ];
    for (const [i, bytes] of pictures.entries()) {
      const original = originalOf(bytes, '', { versionId: `option ${i}` });
      await assert.rejects(strict(deliveryOf(asked), contextOf(original)), { code: 'too_complex' });
      await handler(deliveryOf(asked), contextOf(original));
    }
    for (const name of Object.keys(options)) assert.throws(() => sharpHandler({ [name]: 0 }), RangeError);
  });

  it('is refused in a process of its own with the same error', async () => {
    const isolated = sharpHandler({ timeoutMs: 60_000 });
    const original = originalOf(gifOfFrames(3_000), 'gif');
    for (const width of [5, 6]) {
      const derivation = isolated(deliveryOf({ steps: [{ width }] }), contextOf(original));
      await assert.rejects(derivation, { code: 'too_complex', message: /more than 2000 frames/ });
    }
  });

  it('is refused once for the original: its other derivations do not read it again', async () => {
    const localPath = join(folder, 'once');
    await writeFile(localPath, gifOfFrames(3_000));
    const original = originalOf(Buffer.alloc(0), 'gif', { localPath, versionId: 'once' });
    const refusals = { code: 'too_complex', message: /more than 2000 frames/ };
    await assert.rejects(handler(deliveryOf(asked), contextOf(original)), refusals);
    await unlink(localPath);
    await assert.rejects(handler(deliveryOf({ steps: [{ width: 6 }] }), contextOf(original)), refusals);
    const other = originalOf(Buffer.alloc(0), 'gif', { localPath, versionId: 'another version' });
    await assert.rejects(handler(deliveryOf(asked), contextOf(other)), { code: 'handler_failed' });
  });

  it('is not counted by what lies in a thumbnail, or after the picture', async () => {
    const jpeg = await noise(60, 60).jpeg({ progressive: true }).toBuffer();
    const scans = Buffer.from('ffda'.repeat(100), 'hex');
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, scans.length + 2]), scans]);
    const decorated = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2), scans]);
    const { isProgressive } = await sharp(decorated).metadata();
    assert.equal(isProgressive, true);
    assert.equal(await hasMoreScans(decorated, 10), false);
    assert.equal(await hasMoreScans(decorated, 9), true);
    // A comment that looks like the end hides no scan.
    const many = await jpegOfScans(40);
    const end = Buffer.from([0xff, 0xfe, 0, 4, 0xff, 0xd9]);
    assert.equal(await hasMoreScans(Buffer.concat([many.subarray(0, 2), end, many.subarray(2)]), 32), true);
  });

  it('scans are counted over the edges of the pieces in which a file is read', async () => {
    const localPath = join(folder, 'pieces');
    const jpeg = await jpegOfScans(33, 100);
    const edge = 1_000_000;
    const begin = jpeg.indexOf('ffda', 0, 'hex');
    for (const shift of [-1, 0, 1]) {
      // Comments bring the first scan to the edge. A comment has at most 65,537 bytes.
      const fill = edge - begin + shift;
      const comments = Array.from({ length: 20 }, (_, i) => {
        const comment = Buffer.alloc(Math.floor(((i + 1) * fill) / 20) - Math.floor((i * fill) / 20));
        comment.writeUInt16BE(0xfffe, 0);
        comment.writeUInt16BE(comment.length - 2, 2);
        return comment;
      });
      const bytes = Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
      assert.equal(bytes.indexOf('ffda', 0, 'hex'), edge + shift);
      await writeFile(localPath, bytes);
      assert.deepEqual([await hasMoreScans(localPath, 32), await hasMoreScans(localPath, 33)], [true, false]);
    }
  });
});
