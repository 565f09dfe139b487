import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openTextFile } from '../../../src/upload-api/body/text-file.ts';
import { bytesOf, chunksOf } from './read-all.ts';

const read = (text: string, sizes: readonly number[] = []) => openTextFile(chunksOf(Buffer.from(text), sizes));
const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });

describe('a file parameter that is text', () => {
  it('may be a URL, in chunks of any size', async () => {
    const scheme = fc.constantFrom('http', 'https', 'HTTPS', 'ftp', 's3', 'gs');
    await fc.assert(
      fc.asyncProperty(scheme, fc.string({ maxLength: 200 }), sizes, async (name, rest, chunkSizes) => {
        const url = `${name}:${rest}`;
        assert.deepEqual(await read(url, chunkSizes), { url: Buffer.from(url).toString() });
      }),
    );
  });

  it('may be a data URI', async () => {
    const found = await read('data:text/plain,https://example.org', [3]);
    assert.ok(found !== undefined && 'bytes' in found);
    assert.equal(String(await bytesOf(found.bytes)), 'https://example.org');
  });

  it('may be empty: then the call has no file', async () => assert.equal(await read(''), undefined));

  it('may not be another text, or a longer URL', async () => {
    const url = `https://example.org/${'a'.repeat(8_172)}`;
    assert.deepEqual(await read(url), { url });
    await assert.rejects(read(`${url}a`), { name: 'ApiError', message: /the URL has more than 8192 bytes\.$/ });
    for (const text of ['cat', 'cat.jpg', '/etc/passwd', 'file:///etc/passwd', ' https://example.org', 'httpx:']) {
      await assert.rejects(read(text, [1]), {
        name: 'ApiError',
        status: 400,
        message: /^Invalid parameter file\. Send/,
      });
    }
  });
});
