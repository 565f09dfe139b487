import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteSource } from '../../../src/upload-api/body/byte-source.ts';
import { openDataUri } from '../../../src/upload-api/body/data-uri.ts';
import { bytesOf, chunksOf } from './read-all.ts';

async function read(text: string, sizes: readonly number[] = []) {
  const found = await openDataUri(new ByteSource(chunksOf(Buffer.from(text), sizes)));
  return { mediaType: found.mediaType, bytes: await bytesOf(found.bytes) };
}

const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });

describe('a data URI', () => {
  it('gives the bytes that were written, in chunks of any size', async () => {
    const type = fc.constantFrom('', 'image/png', 'text/plain;charset=utf-8');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), type, fc.nat(80), sizes, async (bytes, mediaType, lineLength, chunkSizes) => {
        const data = Buffer.from(bytes).toString('base64');
        // Mail programs break the lines of base64.
        const lines = lineLength === 0 ? data : data.replace(new RegExp(`.{${lineLength}}`, 'g'), '$&\r\n');
        const found = await read(`data:${mediaType};base64,${lines}`, chunkSizes);
        assert.deepEqual(found?.bytes, Buffer.from(bytes));
        assert.equal(found?.mediaType, mediaType.split(';')[0]);
      }),
    );
  });

  it('reads percent-encoded text', async () => {
    assert.equal(String((await read('data:,a%20%C3%A9', [7, 1, 1]))?.bytes), 'a é');
    assert.equal((await read('data:IMAGE/SVG+xml,<svg/>'))?.mediaType, 'image/svg+xml');
  });

  it('never throws anything but a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), sizes, async (text, chunkSizes) => {
        await read(`data:${text}`, chunkSizes).catch((error: Error) => assert.equal(error.name, 'ApiError'));
      }),
    );
  });

  for (const [text, message] of [
    ['cat', /^Invalid parameter file/],
    ['data:', /^Invalid parameter file/],
    [`data:${'x'.repeat(5_000)}`, /^Invalid parameter file/],
    ['data:;base64,a b', /not base64/],
    ['data:;base64,AA==AAAA', /not base64/],
    [`data:;base64,${'='.repeat(9)}`, /not base64/],
    ['data:,%zz', /not percent-encoded text/],
  ] as const) {
    it(`refuses ${text.slice(0, 30)}`, async () => {
      await assert.rejects(read(text), { name: 'ApiError', message });
      await assert.rejects(read(text, [1, 1, 5, 2]), { name: 'ApiError', message });
    });
  }
});
