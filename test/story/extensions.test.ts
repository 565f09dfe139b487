import assert from 'node:assert/strict';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('extensions', () => {
  let story: Story;
  before(async () => {
    story = await startStory();
    await story.client.upload(await picture('red'), { publicId: 'cat' });
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>alert(1)</script></svg>';
    await story.client.upload(new TextEncoder().encode(drawing), { publicId: 'logo' });
  });
  after(() => story.end());

  for (const extension of ['heic', 'pdf', 'jxl', 'bmp', 'ico', 'HEIC', 'mp4', 'svg']) {
    it(`.${extension} is refused like f_${extension}: it is not offered`, async () => {
      for (const path of [`cat.${extension}`, `w_20/cat.${extension}`]) {
        const { status, headers } = await story.ask(`/demo/image/upload/${path}`);
        assert.deepEqual([status, headers['x-safelight-error']], [400, 'not_offered'], path);
        assert.match(
          String(headers['x-cld-error']),
          new RegExp(`not offered as extension: ${extension.toLowerCase()}`),
        );
        assert.match(String(headers['cache-control']), /no-store/);
      }
    });
  }

  it('that does not name a format of pictures is refused, with the way to write a dot of the public ID', async () => {
    for (const extension of ['html', 'v2', 'auto', 'xyz']) {
      const { status, headers } = await story.ask(`/demo/image/upload/cat.${extension}`);
      assert.deepEqual([status, headers['x-safelight-error']], [400, 'bad_transformation']);
      assert.match(String(headers['x-cld-error']), /write a dot at the end of the URL/);
    }
    const dotted = await story.client.upload(await picture('red'), { publicId: 'cat.v2' });
    assert.equal((await story.ask(new URL(dotted.url()).pathname)).status, 200);
    assert.equal((await story.ask('/demo/image/upload/cat.v2.')).status, 200);
  });

  for (const extension of ['jpg', 'JPEG', 'jpe', 'jfif', 'png', 'webp', 'avif', 'gif', 'tif', 'tiff']) {
    it(`.${extension} is delivered`, async () => {
      assert.equal((await story.ask(`/demo/image/upload/w_5/cat.${extension}`)).status, 200);
    });
  }

  it('svg delivers a PNG for an SVG original, which could contain scripts', async () => {
    for (const path of ['logo.svg', 'w_20/logo.svg', 'logo']) {
      const { status, headers, text } = await story.ask(`/demo/image/upload/${path}`);
      assert.deepEqual([status, headers['content-type']], [200, 'image/png'], path);
      assert.doesNotMatch(text, /alert/);
    }
  });

  it('is refused in eager', async () => {
    const { sdk, timestamp } = story;
    const file = `data:image/png;base64,${(await picture('red')).toString('base64')}`;
    await assert.rejects(
      sdk.uploader.upload(file, { public_id: 'cat', eager: [{ width: 5, format: 'heic' }], timestamp: timestamp() }),
      { http_code: 400, message: /eager.*not offered as extension: heic/ },
    );
  });
});
