import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransformError } from '@safelight/core';
import { sharpHandler } from '@safelight/sharp';
import fc from 'fast-check';
import sharp from 'sharp';
import { contextOf, deliveryOf, noise, originalOf, svg } from '../../packages/sharp/test/pictures.ts';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';

const isDeep = process.env['SAFELIGHT_DEEP'] === '1';
const perFormat = isDeep
  ? 10_000
  : process.env['SAFELIGHT_LONG'] === '1'
    ? 300
    : repetitionsOfRun({ first: 15, all: 60 });
const handler = sharpHandler({ timeoutMs: 5_000 });
const allowed: readonly string[] = ['invalid_original', 'too_many_pixels', 'too_complex', 'timed_out'];

async function animated(format: 'gif' | 'webp', frames: number): Promise<Buffer> {
  const [width, height] = [16, 16];
  const raw = Buffer.alloc(width * height * frames * 3, 7).map((byte, index) => byte + Math.floor(index / 768));
  const input = sharp(raw, { raw: { width, height: height * frames, channels: 3, pageHeight: height } });
  return input[format]().toBuffer();
}

const seeds: Readonly<Record<string, () => Promise<Buffer>>> = {
  jpeg: () => noise(80, 60).jpeg().toBuffer(),
  'progressive jpeg': () => noise(80, 60).jpeg({ progressive: true }).toBuffer(),
  png: () => noise(80, 60).png().toBuffer(),
  webp: () => noise(80, 60).webp().toBuffer(),
  'animated webp': () => animated('webp', 5),
  gif: () => animated('gif', 5),
  avif: () => noise(80, 60).avif({ effort: 0 }).toBuffer(),
  tiff: () => noise(80, 60).tiff().toBuffer(),
  svg: async () => svg(80, 60, '<g opacity="0.5"><rect width="9" height="9"/><text x="5" y="9">a</text></g>'),
};

/** A change of a file: bytes are replaced, removed or repeated. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  kind: fc.constantFrom('replace', 'cut', 'repeat', 'zero'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutated(picture: Buffer, mutations: readonly Mutation[]): Buffer {
  let bytes = picture;
  for (const { at, kind, bytes: own } of mutations) {
    const index = Math.floor(at * bytes.length);
    const [before, after] = [bytes.subarray(0, index), bytes.subarray(index)];
    if (kind === 'replace') bytes = Buffer.concat([before, own, after.subarray(own.length)]);
    else if (kind === 'cut') bytes = Buffer.concat([before, after.subarray(own[0])]);
    else if (kind === 'repeat') bytes = Buffer.concat([before, after, after].map((part) => part.subarray(0, 100_000)));
    else bytes = Buffer.concat([before, Buffer.alloc(own.length), after.subarray(own.length)]);
  }
  return bytes;
}

let version = 0;

/** @returns the code of the failure, or 'made' */
async function codeFor(bytes: Buffer, asked: Parameters<typeof deliveryOf>[0]): Promise<string> {
  version += 1;
  const original = originalOf(bytes, 'jpg', { versionId: String(version) });
  return handler(deliveryOf(asked), contextOf(original, asked)).then(
    () => 'made',
    (error: unknown) => {
      assert.ok(TransformError.is(error), String(error));
      return error.code;
    },
  );
}

describe('pictures of strangers', function () {
  this.timeout(isDeep ? 3_600_000 : 120_000);

  for (const [format, make] of Object.entries(seeds)) {
    it(`${perFormat} mutations of a ${format} are made or refused, and end no process of ours`, async () => {
      const seed = await make();
      const codes = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
          const code = await codeFor(mutated(seed, mutations), { steps: [{ width: 20 }], extension: 'png' });
          codes.set(code, (codes.get(code) ?? 0) + 1);
          assert.ok(code === 'made' || allowed.includes(code), code);
        }),
        { numRuns: perFormat },
      );
      assert.equal(await codeFor(seed, { steps: [{ width: 20 }], extension: 'png' }), 'made', `${[...codes]}`);
    });
  }

  const bombs: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
    'a PNG of 90 megapixels of one colour': () =>
      sharp({ create: { width: 10_000, height: 9_000, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    'a PNG of a gigapixel': async () => {
      const png = await noise(10, 10).png().toBuffer();
      png.writeUInt32BE(40_000, 16);
      png.writeUInt32BE(40_000, 20);
      return png;
    },
    'an animated WebP of 500 frames': () => animated('webp', 500),
    'a GIF of 2000 frames': () => animated('gif', 2_000),
    'an SVG that includes itself a billion times': () =>
      svg(
        100,
        100,
        Array.from({ length: 10 }, (_, i) => `<g id="a${i}">${`<use href="#a${i - 1}"/>`.repeat(10)}</g>`).join(''),
      ),
    'an SVG with entities in entities': () =>
      Buffer.from(
        `<!DOCTYPE svg [<!ENTITY a0 "x">${Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('')}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&a9;</text></svg>`,
      ),
    'an SVG that is nested deeply': () => svg(10, 10, `${'<g>'.repeat(20_000)}${'</g>'.repeat(20_000)}`),
    'an SVG with a file of this machine': () => svg(10, 10, '<image href="file:///etc/passwd" width="9" height="9"/>'),
    'a file that is a directory of zeros': () => Buffer.alloc(1_000_000),
  };

  it('bombs are made or refused in time, and pictures after them are made', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'safelight-bombs-'));
    try {
      for (const [name, make] of Object.entries(bombs)) {
        const bytes = await make();
        const startedAt = performance.now();
        const code = await codeFor(bytes, { steps: [{ width: 200 }], extension: 'avif' });
        assert.ok(code === 'made' || allowed.includes(code), `${name}: ${code}`);
        assert.ok(performance.now() - startedAt < 10_000, name);
        const path = join(folder, 'bomb');
        await writeFile(path, bytes);
        await handler.probe(path).catch((error: unknown) => assert.ok(TransformError.is(error), `${name}: ${error}`));
      }
      assert.equal(await codeFor(await noise(9, 9).png().toBuffer(), { steps: [{ width: 5 }] }), 'made');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
