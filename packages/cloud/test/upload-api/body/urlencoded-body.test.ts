import assert from 'node:assert/strict';
import fc from 'fast-check';
import { urlencodedBody } from '../../../src/upload-api/body/urlencoded-body.ts';
import { chunksOf, limits, readAll } from './read-all.ts';

function read(body: string, sizes: readonly number[] = []) {
  return readAll(urlencodedBody(chunksOf(Buffer.from(body), sizes), limits));
}

describe('a urlencoded body', () => {
  it('reads what URLSearchParams writes, in chunks of any size', async () => {
    const name = fc.stringMatching(/^[a-z_]{1,10}$/).filter((each) => each !== 'file');
    const pairs = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'grapheme' })), { selector: ([each]) => each });
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(pairs, fc.string(), fc.nat(5), sizes, async (all, text, at, chunkSizes) => {
        const entries = [...all];
        entries.splice(at, 0, ['file', text]);
        const body = await read(new URLSearchParams(entries).toString(), chunkSizes);
        assert.deepEqual(body.fields, all);
        assert.deepEqual(
          body.files.map(({ content }) => content),
          [Buffer.from(text).toString('base64')],
        );
      }),
    );
  });

  it('never throws anything but a refusal, whatever the text', async () => {
    const piece = fc.constantFrom('file=', '&', '=', '%', '%4', '%41', '+', 'a', 'é');
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.integer({ min: 1, max: 9 })), async (all, sizes) => {
        await read(all.join(''), sizes).catch((error: Error) => assert.equal(error.name, 'ApiError', error.stack));
      }),
    );
  });

  it('the file may come first, last, or be empty', async () => {
    const content = Buffer.from('data:,a b').toString('base64');
    const file = { isText: true, filename: undefined, mediaType: undefined, content };
    const first = await read('file=data:,a+b&a=1');
    assert.deepEqual(first, { fields: [['a', '1']], files: [{ ...file, after: [] }] });
    const last = await read('a=1&&file=data%3A%2Ca%20b');
    assert.deepEqual(last, { fields: [['a', '1']], files: [{ ...file, after: ['a'] }] });
    assert.equal((await read('file=&a=1')).files[0]?.content, '');
    assert.deepEqual(await read(''), { fields: [], files: [] });
  });

  for (const [body, message] of [
    ['a&'.repeat(2_000), /sent more than once|^Too many parameters/],
    [`a=${'x'.repeat(300_000)}`, /more than 65536 bytes/],
    [Array.from({ length: 1_001 }, () => 'a[]=1').join('&'), /^Too many parameters/],
    ['a=%zz', /^Malformed percent-encoding/],
    ['a=%4', /^Malformed percent-encoding/],
  ] as const) {
    it(`refuses ${body.slice(0, 12)}…`, () => assert.rejects(read(body, [2, 2, 1]), { name: 'ApiError', message }));
  }
});
