import assert from 'node:assert/strict';
import { mediaFiles } from '../../packages/cloud/test/upload-api/media-files.ts';
import { type Story, startStory } from './story.ts';

describe('a video that was uploaded with the type auto', () => {
  let story: Story;
  afterEach(() => story.end());

  it('is delivered as it was uploaded, with its media type, whatever its name was', async () => {
    story = await startStory();
    for (const [format, contentType] of [
      ['mp4', 'video/mp4'],
      ['webm', 'video/webm'],
      ['mp3', 'audio/mpeg'],
    ] as const) {
      const bytes = mediaFiles[format] ?? assert.fail();
      const file = `data:application/octet-stream;base64,${bytes.toString('base64')}`;
      const uploaded = await story.sdk.uploader.upload(file, { public_id: `holiday-${format}`, resource_type: 'auto' });
      assert.equal(uploaded.resource_type, 'video');
      const { status, headers, body } = await story.ask(new URL(uploaded.url).pathname);
      assert.deepEqual([status, headers['content-type']], [200, contentType]);
      assert.deepEqual(body, bytes);
    }
  });
});
