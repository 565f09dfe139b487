import assert from 'node:assert/strict';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

const tooLong = `/demo/image/upload/${'w_1/'.repeat(600)}cat.jpg`;

/** URLs that are refused without a look-up. */
const refused: readonly (readonly [path: string, status: number, says: RegExp])[] = [
  [tooLong, 414, /too long.*2048 bytes/],
  [`/demo/image/upload/cat.jpg?${'x'.repeat(2100)}`, 414, /too long/],
  [`/demo/image/upload/${'x'.repeat(256)}.jpg`, 400, /public_id is too long.*255/],
  ['/demo/image/upload/a/../cat.jpg', 400, /segment "\.\."/],
  ['/demo/image/upload/a/%2e%2e/cat.jpg', 400, /segment "\.\."/],
  ['/demo/image/upload/..%2f..%2fetc%2fpasswd', 400, /segment "\.\."/],
  ['/demo/image/upload/a%00b.jpg', 400, /control characters/],
  ['/demo/image/upload/a%0d%0ab.jpg', 400, /control characters/],
  ['/demo/image/upload/a%5cb.jpg', 400, /contains "\\"/],
  ['/demo/image/upload/%zz.jpg', 400, /malformed percent-encoding/],
  ['/demo/image/upload/%E0%A4%A.jpg', 400, /malformed percent-encoding/],
  ['/demo/image/upload/', 400, /public ID is empty/],
  ['/demo/image/upload/c_fil,w_300/cat.jpg', 400, /crop mode.*fil .*did you mean c_fill\?/],
  ['/demo/image/upload/e_blr/cat.jpg', 400, /effect.*blr .*did you mean e_blur\?/],
  ['/demo/image/upload/w_300,zz_1/cat.jpg', 400, /Unknown parameter.*zz_1/],
  ['/demo/image/upload/w_0/cat.jpg', 400, /width.*: 0/],
  ['/demo/image/upload/w_abc/cat.jpg', 400, /Invalid width in transformation: abc/],
  ['/demo/image/upload/q_101/cat.jpg', 400, /quality.*: 101/],
  ['/demo/image/upload/w_300,w_400/cat.jpg', 400, /Two different values for width.*w_400/],
  ['/demo/image/upload/c_fill,c_fit,w_3/cat.jpg', 400, /Two different values for crop mode.*c_fit/],
  ['/demo/image/upload/c_thumb,h_9,w_9/cat.jpg', 400, /requires a gravity.*g_center/],
  ['/demo/image/upload/l_logo/cat.jpg', 400, /l_ \(overlay\) is not offered/],
  ['/demo/image/upload/e_gen_fill/cat.jpg', 400, /not offered.*e_gen_fill/],
  ['/demo/image/private/cat.jpg', 400, /delivery type "private" is not offered/],
  ['/demo/image/authenticated/cat.jpg', 400, /"authenticated" is not offered/],
  ['/demo/image/fetch/http://example.com/cat.jpg', 400, /"fetch" is not offered/],
  ['/demo/images/cat.jpg', 400, /"images" is not offered/],
];

describe('bad input', () => {
  let story: Story;
  afterEach(() => story.end());

  it('is refused with a message, without a look-up, a run or a stored failure', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    await uploaders[0]?.upload(story, 'cat', await picture('red', 30, 20));
    const { searches } = story;
    const before = searches.length;
    for (const [path, expected, says] of refused) {
      const { status, headers, text } = await story.ask(path);
      const about = path.slice(0, 80);
      assert.equal(status, expected, about);
      assert.match(String(headers['x-cld-error']), says, about);
      assert.match(text, says, about);
      assert.equal(headers['cache-control'], 'no-store', about);
      assert.equal(headers['retry-after'], undefined, about);
      const { text: json } = await story.ask(path, { headers: { accept: 'application/json' } });
      assert.equal((JSON.parse(json) as { status: number }).status, expected, about);
    }
    assert.equal(searches.length, before);
    assert.deepEqual(story.runs, []);
  });

  it('foreign URLs are passed on to the application', async () => {
    story = await startStory();
    for (const path of [
      '/',
      '/other/image/upload/cat.jpg',
      '/demo/picture/upload/cat.jpg',
      '/demo',
      '/demo%2fimage/upload/x',
    ]) {
      assert.equal((await story.ask(path)).text, 'passed on', path);
    }
    assert.equal((await story.ask('/demo/image/upload/cat.jpg', { method: 'DELETE' })).text, 'passed on');
  });

  it('an upload that is too large is refused, and leaves no file behind', async () => {
    story = await startStory({ cloud: { maxUploadBytes: 1000 } });
    const small = await picture('red', 8, 8);
    assert.equal((await story.client.upload(small, { publicId: 'cat' })).publicId, 'cat');
    const before = await story.files();
    const large = new Uint8Array(200_000);
    large.set(small);
    await assert.rejects(story.client.upload(large, { publicId: 'cat' }), { code: 'rejected', status: 413 });
    assert.deepEqual(await story.files(), before);
    assert.equal((await story.ask('/demo/image/upload/cat.png')).status, 200);
  });

  it('an output of more than 25 megapixels is refused, or of more than the cloud allows', async () => {
    story = await startStory({ cloud: { limits: { maxInputPixels: 10_000, maxOutputPixels: 400 } } });
    await uploaders[0]?.upload(story, 'cat', await picture('red', 100, 100));
    await uploaders[0]?.upload(story, 'dog', await picture('red', 101, 100));
    const code = async (path: string) => (await story.ask(`/demo/image/upload/${path}`)).headers['x-safelight-error'];
    assert.equal(await code('w_20/cat.png'), undefined);
    assert.equal(await code('c_scale,h_20,w_21/cat.png'), 'too_many_pixels');
    assert.equal(await code('w_20/dog.png'), 'too_many_pixels');
  });
});
