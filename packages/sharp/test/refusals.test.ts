import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { fromSharpError } from '../src/sharp-error.ts';
import { sharpHandler } from '../src/sharp-handler.ts';
import { type Asked, contextOf, deliveryOf, drawn, made, noise, originalOf, svg } from './pictures.ts';

const handler = sharpHandler();

describe('refusals', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-sharp-'));
  });
  after(() => rm(folder, { recursive: true }));

  /** The same original as a file on disk, and as bytes in memory. */
  async function bothWays(bytes: Buffer, format: string) {
    const localPath = join(folder, `original.${format}`);
    await writeFile(localPath, bytes);
    return [originalOf(bytes, format), originalOf(bytes, format, { localPath })];
  }

  async function refused(bytes: Buffer, format: string, code: string, asked: Asked = { steps: [{ width: 10 }] }) {
    for (const original of await bothWays(bytes, format)) {
      await assert.rejects(
        handler(deliveryOf(asked), contextOf(original, asked)),
        (error: Error & { code?: string }) => {
          assert.equal(error.name, 'TransformError');
          assert.equal(error.code, code);
          assert.ok(!error.message.includes(folder) && !error.message.includes('Vips'), error.message);
          if (code === 'invalid_original')
            assert.match(error.message, /^Invalid image file(?:$|\. The original is damaged)/);
          return true;
        },
      );
    }
  }

  describe('of originals', () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const) {
      it(`refuses half of a ${format}`, async () => {
        const whole = await noise(120, 120)
          .toFormat(format, format === 'avif' ? { effort: 0 } : {})
          .toBuffer();
        await refused(whole.subarray(0, whole.length / 2), format, 'invalid_original');
        await refused(whole.subarray(0, whole.length / 2), format, 'invalid_original', {
          steps: [{ angle: 90 }, { radius: 4 }],
        });
      });
    }

    for (const [name, head] of [
      ['HEIC', 'AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWlj'],
      ['BMP', 'Qk0AAAAAAAAAAA=='],
      ['ICO', 'AAABAAEAEBAAAA=='],
      ['JPEG XL', '/woAAAAAAAA='],
      ['JPEG XL', 'AAAADEpYTCANCocK'],
      ['PDF', 'JVBERi0xLjcK'],
    ] as const) {
      it(`refuses ${name} by its name, and says what to do`, async () => {
        const bytes = Buffer.concat([Buffer.from(head, 'base64'), Buffer.alloc(100)]);
        const message = `Invalid image file. ${name} cannot be read here. Convert it to JPEG, PNG, WebP or AVIF, or upload it with resource_type raw.`;
        for (const original of await bothWays(bytes, 'jpg')) {
          const asked = { steps: [{ width: 10 }] };
          await assert.rejects(handler(deliveryOf(asked), contextOf(original, asked)), {
            code: 'invalid_original',
            message,
          });
        }
      });
    }

    it('refuses an SVG of more than 4 MB, before it is in memory', async () => {
      const localPath = join(folder, 'large.svg');
      await writeFile(localPath, `${svg(10, 10, '<rect width="5" height="5"/>')}${' '.repeat(4_000_000)}`);
      await assert.rejects(handler.probe(localPath), { code: 'too_complex' });
    });

    it('with failOn warning refuses a JPEG that ends too early by its own word; by default it is read', async () => {
      const damaged = await noise(200, 200).jpeg().toBuffer();
      const middle = Math.floor(damaged.length / 2);
      damaged.set([0xff, 0xd9], middle); // end of image (ITU-T T.81, B.1.1.3)
      const asked: Asked = { steps: [{ width: 10 }] };
      const strict = sharpHandler({ failOn: 'warning' });
      for (const original of await bothWays(damaged, 'jpg')) {
        await assert.rejects(strict(deliveryOf(asked), contextOf(original, asked)), { code: 'invalid_original' });
        assert.equal((await handler(deliveryOf(asked), contextOf(original, asked))).width, 10);
      }
    });

    it('refuses text, an empty file and formats that are not allowed', async () => {
      await refused(Buffer.from('hello'), 'jpg', 'invalid_original');
      await refused(Buffer.alloc(0), 'jpg', 'invalid_original');
      await refused(gzipSync(svg(10, 10, '')), 'svg', 'invalid_original');
      const heic = await noise(16, 16).avif({ effort: 0 }).toBuffer();
      await refused(
        Buffer.from(heic.toString('latin1').replaceAll('av01', 'hvc1'), 'latin1'),
        'avif',
        'invalid_original',
      );
      const vips = join(folder, 'picture.v');
      await noise(10, 10).toFile(vips);
      await refused(await readFile(vips), 'jpg', 'invalid_original');
    });

    it('reports a missing file as handler_failed, not as a damaged original', async () => {
      const original = originalOf(Buffer.alloc(0), 'jpg', { localPath: join(folder, 'gone.jpg') });
      const asked = { steps: [{ width: 10 }] };
      await assert.rejects(handler(deliveryOf(asked), contextOf(original)), {
        code: 'handler_failed',
        message: 'The original could not be opened',
      });
    });
  });

  describe('of sizes', () => {
    it('counts the pixels of an original before decoding them', async () => {
      const asked = { steps: [{ width: 10 }], limits: { maxInputPixels: 9_999 } };
      await refused(await noise(100, 100).jpeg().toBuffer(), 'jpg', 'too_many_pixels', asked);
      // A header with a wrong, huge size, and only one pixel after it.
      const huge = await noise(1, 1).png().toBuffer();
      huge.writeUInt32BE(50_000, 16);
      huge.writeUInt32BE(50_000, 20);
      huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
      await refused(huge, 'png', 'too_many_pixels');
      await refused(svg(60_000, 40_000, ''), 'svg', 'too_many_pixels');
    });

    it('counts the pixels of a result before making them', async () => {
      const small = await noise(20, 10).png().toBuffer();
      for (const step of [
        { width: 100_000, height: 100_000 },
        { width: 6000, height: 6000, crop: 'pad' },
        { width: 6000, height: 6000, crop: 'fill' },
        { width: 6000, height: 6000, crop: 'lpad' },
        { width: 6000, height: 6000, crop: 'mpad' },
        { width: 6000, height: 6000, crop: 'fill_pad', gravity: 'auto' },
        { width: 3000, height: 3000, dpr: 2 },
        { width: 5100, aspectRatio: '1:1', crop: 'fill' },
        { width: '5000.0' },
        { width: 1e15 },
      ] as const) {
        await refused(small, 'png', 'too_many_pixels', { steps: [step] });
      }
      await refused(small, 'png', 'too_many_pixels', { steps: [{ angle: 45 }], limits: { maxOutputPixels: 300 } });
    });

    it('allows a large picture between the steps, but not after the last one', async () => {
      const png = originalOf(await noise(100, 100).png().toBuffer(), 'png');
      const limits = { maxOutputPixels: 2_500 };
      assert.equal((await made(png, { steps: [{ effect: 'blur' }, { angle: 180 }, { width: 50 }], limits })).width, 50);
      await assert.rejects(made(png, { steps: [{ effect: 'blur' }], limits }), { code: 'too_many_pixels' });
    });

    it('checks the longest side of each format', async () => {
      const strip = originalOf(await noise(10, 1).png().toBuffer(), 'png');
      const steps = [{ width: 17_000, height: 1 }];
      await assert.rejects(made(strip, { steps, extension: 'webp' }), { code: 'too_many_pixels', message: /16383/ });
      await assert.rejects(made(strip, { steps: [{ width: 40_000, height: 1 }, { radius: 2 }] }), {
        code: 'too_many_pixels',
      });
      assert.equal((await made(strip, { steps, extension: 'jpg' })).width, 17_000);
    });

    it('fills a box from a long strip without scaling the whole strip', async () => {
      const strip = originalOf(await drawn(8000, 1, '<rect x="4000" width="4000" height="1" fill="#f00"/>'), 'png');
      const result = await made(strip, { steps: [{ width: 1000, height: 1000, crop: 'fill', gravity: 'east' }] });
      assert.deepEqual([result.width, result.height, result.at(500, 500)], [1000, 1000, 'red']);
    });
  });

  describe('of what an SVG refers to', () => {
    it('does not read other files or request URLs', async () => {
      const green = join(folder, 'green.png');
      await sharp({ create: { width: 40, height: 40, channels: 3, background: '#0f0' } })
        .png()
        .toFile(green);
      const requestedUrls: string[] = [];
      const server = createServer((request, response) => {
        requestedUrls.push(request.url ?? '');
        response.end();
      }).listen(0);
      const { port } = server.address() as AddressInfo;
      for (const href of [
        `file://${green}`,
        green,
        'green.png',
        `http://127.0.0.1:${port}/x.png`,
        'file:///etc/passwd',
      ]) {
        const image = `<image width="40" height="40" href="${href}" xlink:href="${href}"/>`;
        for (const original of await bothWays(svg(40, 40, image), 'svg')) {
          const result = await made(original, {});
          assert.equal(result.at(20, 20), 'transparent', href);
        }
      }
      server.close();
      assert.deepEqual(requestedUrls, []);
    });

    it('does not include a file in its text', async () => {
      const secret = join(folder, 'secret.txt');
      await writeFile(secret, 'secret');
      const including = `<text y="20"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/></text>`;
      for (const original of await bothWays(svg(80, 40, including), 'svg')) {
        const { data } = await sharp((await made(original, {})).bytes)
          .extractChannel('alpha')
          .raw()
          .toBuffer({ resolveWithObject: true });
        assert.ok(data.every((alpha) => alpha === 0));
      }
    });
  });

  describe('by probe', () => {
    const probed = async (bytes: Buffer) => {
      const path = join(folder, 'probed');
      await writeFile(path, bytes);
      return handler.probe(path);
    };

    it('returns format, size as displayed and number of pages', async () => {
      const turned = await noise(30, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
      assert.deepEqual(await probed(turned), { format: 'jpg', width: 20, height: 30, pages: 1 });
      assert.deepEqual(await probed(svg(30, 20, '')), { format: 'svg', width: 30, height: 20, pages: 1 });
      assert.equal((await probed(await noise(8, 8).avif({ effort: 0 }).toBuffer())).format, 'avif');
      const frames = [await noise(8, 8).png().toBuffer(), await noise(8, 8).png().toBuffer()];
      const gif = await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer();
      assert.deepEqual(await probed(gif), { format: 'gif', width: 8, height: 8, pages: 2 });
    });

    it('refuses other files, and pictures that are too large', async () => {
      for (const bytes of [Buffer.from('hello'), Buffer.alloc(0), gzipSync(svg(10, 10, ''))]) {
        await assert.rejects(probed(bytes), { code: 'invalid_original', message: 'Invalid image file' });
      }
      const small = sharpHandler({ maxInputPixels: 99 });
      const path = join(folder, 'ten.png');
      await noise(10, 10).png().toFile(path);
      await assert.rejects(small.probe(path), { code: 'too_many_pixels', message: /10 x 10 = 100 pixels; at most 99/ });
    });
  });

  it('convert the messages of sharp to failure codes', () => {
    const rows = [
      ['Input image exceeds pixel limit', 'original', 'too_many_pixels'],
      ['Processed image is too large for the WebP format', 'pixels', 'too_many_pixels'],
      ['Input SVG image will exceed 32767x32767 pixel limit when scaled', 'original', 'too_many_pixels'],
      ['timeout: 27% complete\nVipsImage: killed for image "temp-149"', 'original', 'timed_out'],
      ['Input file is missing: /secret/path', 'original', 'handler_failed'],
      ['VipsImage: out of memory', 'original', 'handler_failed'],
      ['VipsJpeg: premature end of JPEG image', 'original', 'invalid_original'],
      ['composite: something else', 'pixels', 'handler_failed'],
    ] as const;
    for (const [message, read, code] of rows) {
      const error = fromSharpError(new Error(message), read);
      assert.equal(error.code, code, message);
      assert.ok(!error.message.includes('/secret'));
      assert.ok(error.cause instanceof Error);
    }
  });
});
