import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonBody } from '../../../src/upload-api/body/json-body.ts';
import { fieldsOf } from '../../../src/upload-api/body/json-fields.ts';
import { bytesOf, chunksOf, limits, readAll } from './read-all.ts';

function read(body: string, sizes: readonly number[] = []) {
  return readAll(jsonBody(chunksOf(Buffer.from(body), sizes), limits));
}

const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });

describe('a JSON body', () => {
  it('reads what JSON.stringify writes, in chunks of any size', async () => {
    const name = fc.stringMatching(/^[a-z_]{1,10}$/).filter((each) => each !== 'file');
    // A string of JSON may have half a surrogate pair; a data URI has none.
    const text = fc.string({ unit: 'grapheme' }).filter((each) => !/\\ud[89a-f]/i.test(JSON.stringify(each)));
    const members = fc.uniqueArray(fc.tuple(name, fc.jsonValue({ maxDepth: 4 })), { selector: ([each]) => each });
    await fc.assert(
      fc.asyncProperty(members, text, fc.nat(5), fc.nat(3), sizes, async (all, file, at, indent, chunkSizes) => {
        const entries: [string, unknown][] = [...all];
        entries.splice(at, 0, ['file', file]);
        const body = await read(JSON.stringify(Object.fromEntries(entries), null, indent), chunkSizes);
        const others = [...fieldsOf(Object.fromEntries(all), limits)];
        assert.deepEqual(body.fields, others);
        assert.deepEqual(
          body.files.map(({ content }) => content),
          [Buffer.from(file).toString('base64')],
        );
      }),
    );
  });

  it('never throws anything but a refusal, whatever the text', async () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"file"',
      '"',
      ':',
      ',',
      '\\',
      '\\u00',
      '1',
      'null',
      ' ',
      '\n',
      '"a"',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), sizes, async (all, chunkSizes) => {
        await read(all.join(''), chunkSizes).catch((error: Error) => assert.equal(error.name, 'ApiError', error.stack));
      }),
    );
  });

  it('knows the parameters before the file', async () => {
    const { files } = await read('{"upload_preset":"open","tags":["a","b"],"file":"data:,x","folder":"f"}', [5, 1, 9]);
    assert.deepEqual(files[0]?.after, ['upload_preset', 'tags']);
  });

  it('finds the file by its name alone, and at the top alone', async () => {
    const contentOf = async (body: string) => (await read(body)).files.map(({ content }) => content);
    const x = Buffer.from('x').toString('base64');
    assert.deepEqual(await contentOf('{"\\u0066ile":"x"}'), [x]);
    assert.deepEqual(await contentOf('{"file" :\n"x"}'), [x]);
    assert.deepEqual(await contentOf('{"a":{"file":"x"}}'), []);
    assert.deepEqual(await contentOf('{"a":"file","b":["file","x"]}'), []);
    assert.deepEqual(await contentOf('{"a":"\\"file\\":","b":"x"}'), []);
    assert.deepEqual(await contentOf('["file","x"]').catch(() => []), []);
    assert.deepEqual(await contentOf('{"file":"x","file":"y"}'), [x, Buffer.from('y').toString('base64')]);
  });

  it('decodes every escape of a string', async () => {
    const body = jsonBody(
      chunksOf(Buffer.from('{"file":"a\\/b\\\\c\\n\\u002b\\u00e9"}'), [9, 1, 1, 1, 1, 1, 1, 1, 1]),
      limits,
    );
    const file = await body.nextFile();
    assert.equal(String(file && (await bytesOf(file.content))), 'a/b\\c\n+é');
  });

  for (const [body, message] of [
    ['{', /not valid JSON/],
    ['[1]', /must be a JSON object/],
    ['{"file":"x', /not valid JSON/],
    ['{"file":"x\ny"}', /not valid JSON/],
    ['{"file":"\\ud800"}', /not valid JSON/],
    ['{"file":"x"', /not valid JSON/],
    ['{"file":"x","file2":}', /not valid JSON/],
    ['['.repeat(33), /nested too deeply/],
    [`{"a":"${'x'.repeat(70_000)}"}`, /more than 65536 bytes/],
    [JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, 1]))), /^Too many parameters/],
  ] as const) {
    it(`refuses ${body.slice(0, 12)}…`, () => assert.rejects(read(body, [2, 2, 1]), { name: 'ApiError', message }));
  }
});

describe('fieldsOf', () => {
  it('returns texts, joined lists and JSON', () => {
    const body = JSON.parse('{"a":1,"b":true,"c":["x","y"],"d":{"k":"v"},"e":null,"f[]":["z"],"__proto__":"p"}');
    assert.deepEqual(
      [...fieldsOf(body, limits)],
      [
        ['a', '1'],
        ['b', 'true'],
        ['c', 'x,y'],
        ['d', '{"k":"v"}'],
        ['f', 'z'],
        ['__proto__', 'p'],
      ],
    );
  });
});
