import assert from 'node:assert/strict';
import { parse } from 'content-disposition';
import fc from 'fast-check';
import sharp from 'sharp';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('fl_attachment', () => {
  let story: Story;
  before(async () => {
    story = await startStory();
    for (const publicId of ['cat', 'pets/猫 "x"']) await story.client.upload(await picture('red'), { publicId });
  });
  after(() => story.end());

  const rows: readonly (readonly [path: string, fileName: string])[] = [
    ['fl_attachment/cat.png', 'cat.png'],
    ['fl_attachment:my%20cat/cat.png', 'my cat.png'],
    ['fl_attachment:a-b_c!/f_webp/cat', 'a-b_c!.webp'],
    ['fl_attachment:report%252Efinal/w_5/cat.jpg', 'report.final.jpg'],
    ['fl_attachment:cat%252Ejpg/w_5/cat.jpg', 'cat.jpg'],
    ['fl_attachment/v1/pets/%E7%8C%AB%20%22x%22.png', '猫 "x".png'],
    ['fl_attachment:%E7%8C%AB/w_5/cat.png', '猫.png'],
  ];
  for (const [path, fileName] of rows) {
    it(`names the file of ${path}`, async () => {
      for (const _ of ['made', 'cached']) {
        const { status, headers } = await story.ask(`/demo/image/upload/${path}`);
        assert.equal(status, 200, String(headers['x-cld-error']));
        const { type, parameters } = parse(String(headers['content-disposition']));
        assert.deepEqual([type, parameters['filename']], ['attachment', fileName]);
      }
    });
  }

  it('makes no derivation of its own, and is not in the response to the plain URL', async () => {
    const before = story.runs.length;
    const download = await story.ask('/demo/image/upload/fl_attachment,w_7/cat.png');
    const shown = await story.ask('/demo/image/upload/w_7/cat.png');
    assert.equal(story.runs.length, before + 1);
    assert.deepEqual(download.body, shown.body);
    assert.equal(download.headers.etag, shown.headers.etag);
    assert.equal(shown.headers['content-disposition'], undefined);
  });

  it('delivers the bytes of the original, also of a raw file', async () => {
    const { body, headers } = await story.ask('/demo/image/upload/fl_attachment/cat.png');
    assert.deepEqual(body, Buffer.from(await picture('red')));
    assert.equal((await sharp(body).metadata()).format, headers['content-type']?.split('/')[1]);
    await story.client.upload(new TextEncoder().encode('a,b'), { publicId: 'list.csv', resourceType: 'raw' });
    const raw = await story.ask('/demo/raw/upload/fl_attachment/list.csv');
    assert.deepEqual([raw.text, raw.headers['content-disposition']], ['a,b', 'attachment; filename=list.csv']);
  });

  it('never gives a name with a path or with control characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), async (name) => {
        fc.pre(!/\p{Cs}/u.test(name));
        const encoded = encodeURIComponent(encodeURIComponent(name)).replaceAll('.', '%252E');
        const { status, headers } = await story.ask(`/demo/image/upload/fl_attachment:${encoded}/cat.png`);
        if (status !== 200) return assert.equal(status, 400);
        const { parameters } = parse(String(headers['content-disposition']));
        assert.match(String(parameters['filename']), /^[^/\\\p{Cc}]+$/u);
      }),
      { numRuns: 100 },
    );
  });
});
