import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import busboy from 'busboy';
import fc from 'fast-check';
import { multipartBody } from '../../../src/upload-api/body/multipart-body.ts';
import { bytesOf, chunksOf, limits, readAll } from './read-all.ts';

const type = 'multipart/form-data; boundary=b';

function read(body: string | Uint8Array, sizes: readonly number[] = []) {
  return readAll(multipartBody(chunksOf(Buffer.from(body as string), sizes), type, limits));
}

/** What busboy reads from the same bytes. */
async function readByBusboy(bytes: Uint8Array, contentType: string) {
  const parser = busboy({ headers: { 'content-type': contentType }, defParamCharset: 'utf8' });
  const fields: [string, string][] = [];
  const files: Promise<{ filename: string | undefined; mediaType: string; content: string }>[] = [];
  parser.on('field', (name, value) => void fields.push([name, value]));
  parser.on('file', (_name, stream, { filename, mimeType }) => {
    files.push(
      bytesOf(stream).then((content) => ({ filename, mediaType: mimeType, content: content.toString('base64') })),
    );
  });
  await new Promise((resolve, reject) => {
    parser.on('close', resolve).on('error', reject);
    Readable.from([bytes]).pipe(parser);
  });
  return { fields, files: await Promise.all(files) };
}

const part = (head: string, content: string) => `--b\r\n${head}\r\n\r\n${content}\r\n`;
const named = (name: string, more = '') => `Content-Disposition: form-data; name="${name}"${more}`;

describe('a multipart body', () => {
  it('reads what FormData writes, in chunks of any size, as busboy does', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const name = fc.stringMatching(/^[a-z_]{1,10}$/).filter((each) => each !== 'file');
    const entries = fc.uniqueArray(fc.tuple(name, text), { maxLength: 5, selector: ([each]) => each });
    const file = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.stringMatching(/^[a-zé "%;=-][a-zé "%.;=-]{0,20}$/));
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(entries, file, sizes, async (pairs, [bytes, filename], chunkSizes) => {
        const form = new FormData();
        for (const [key, value] of pairs) form.append(key, value);
        form.append('file', new File([Buffer.from(bytes)], filename, { type: 'image/png' }));
        const sent = new Response(form);
        const contentType = sent.headers.get('content-type') ?? '';
        const body = Buffer.from(await sent.arrayBuffer());
        const ours = await readAll(multipartBody(chunksOf(body, chunkSizes), contentType, limits));
        const theirs = await readByBusboy(body, contentType);
        assert.deepEqual(ours.fields, theirs.fields);
        const withoutOrder = ours.files.map(({ filename: ownName, mediaType, content }) => ({
          ...{ filename: ownName, mediaType, content },
        }));
        assert.deepEqual(withoutOrder, theirs.files);
        assert.equal(ours.files[0]?.content, Buffer.from(bytes).toString('base64'));
      }),
    );
  });

  it('never throws anything but a refusal, whatever the bytes', async () => {
    const piece = fc.constantFrom(
      '--b',
      '\r\n',
      '--',
      named('a'),
      named('file'),
      named('file', '; filename="f"'),
      'x',
      ':',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        async (all, sizes) => {
          await read(all.join(''), sizes).catch((error: Error) => assert.equal(error.name, 'ApiError', error.stack));
        },
      ),
    );
  });

  it('a file may be a text, before or after the parameters', async () => {
    const file = part(named('file'), 'data:,cat');
    const preset = part(named('upload_preset'), 'open');
    const content = Buffer.from('data:,cat').toString('base64');
    const expected = { isText: true, filename: undefined, mediaType: undefined, content };
    assert.deepEqual((await read(`${file}${preset}--b--`)).files, [{ ...expected, after: [] }]);
    const after = await read(`${preset}${file}--b--\r\nepilogue`);
    assert.deepEqual(after, {
      fields: [['upload_preset', 'open']],
      files: [{ ...expected, after: ['upload_preset'] }],
    });
  });

  it('reads names that clients write in other ways', async () => {
    const nameOf = async (more: string) => (await read(`${part(named('file', more), 'x')}--b--`)).files[0]?.filename;
    assert.equal(await nameOf(`; filename="a.png"; filename*=UTF-8''%E2%82%AC.png`), '€.png');
    assert.equal(await nameOf(`; filename=a.png`), 'a.png');
    assert.equal(await nameOf(`; filename="C:\\temp\\a.png"`), 'a.png');
    assert.equal(await nameOf(`; filename="a.png\\"; x=y`), '');
    assert.equal(await nameOf(`; filename="../../etc/passwd"`), 'passwd');
    assert.equal(await nameOf(`; filename="a\\"b.png"`), 'a"b.png');
    assert.equal(await nameOf(`; filename*=UTF-8''%E2%82.png; filename="b.png"`), 'b.png');
  });

  it('skips a preamble, and files with another name', async () => {
    const other = part(named('thumb', '; filename="t"'), 'not read');
    const read1 = await read(`preamble\r\n${other}${part(named('public_id'), 'cat')}--b--`, [3, 1, 4, 1, 5, 9, 2, 6]);
    assert.deepEqual(read1, { fields: [['public_id', 'cat']], files: [] });
  });

  const refused: readonly (readonly [why: string, body: string, message: RegExp])[] = [
    ['an empty body', '', /^Malformed multipart body/],
    ['no last boundary', part(named('a'), 'x'), /^Malformed multipart body/],
    ['a file that is cut off', `--b\r\n${named('file', '; filename="f"')}\r\n\r\nabc`, /^Malformed multipart body/],
    ['a part that is not of a form', part('Content-Type: text/plain', 'x'), /^Malformed multipart body/],
    ['a long head', part(`X: ${'x'.repeat(20_000)}`, 'x'), /head of a part is too long/],
    ['a long parameter', `${part(named('a'), 'x'.repeat(70_000))}--b--`, /more than 65536 bytes/],
    [
      'long parameters together',
      `${['a', 'b', 'c'].map((a) => part(named(a), 'x'.repeat(30_000))).join('')}--b--`,
      /more than/,
    ],
    ['many parameters', part(named('a[]'), '1').repeat(1_002), /^Too many parameters/],
    ['many files', part(named('a', '; filename="f"'), '1').repeat(11), /^Too many files/],
  ];
  for (const [why, body, message] of refused) {
    it(`refuses ${why}`, async () => {
      await assert.rejects(read(body), { name: 'ApiError', message });
      await assert.rejects(read(body, [1, 7, 3, 1, 1, 1, 40]), { name: 'ApiError', message });
    });
  }
});
