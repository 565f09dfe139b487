import assert from 'node:assert/strict';
import { why } from '@safelight/client/why';
import { picture } from './pictures.ts';
import { apiKey, apiSecret, type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

const path = '/demo/image/upload/c_fill,h_200,w_300/cat.jpg';

describe('why() for Cloudinary, of a Safelight server', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
  });
  afterEach(() => story.end());

  const ask = (url: string, options = {}) => why(story.origin + url, { cloudinary: true, ...options });
  const credentials = () => ({ apiKey, apiSecret, apiUrl: story.origin });

  it('recognises a missing picture, a wrong transformation and an existing picture', async () => {
    assert.equal((await ask('/demo/image/upload/w_1/dog.jpg')).verdict, 'missing_original');
    const wrong = await ask('/demo/image/upload/w_0/cat.jpg');
    assert.deepEqual([wrong.verdict, wrong.mistake?.piece], ['bad_transformation', 'w_0']);
    assert.equal((await ask('/demo/image/upload/s--aaaaaaaa--/cat.jpg')).verdict, 'forbidden');

    await uploaders[0]?.upload(story, 'cat', await picture('red'));
    const there = await ask(path);
    assert.deepEqual([there.verdict, there.original], ['cached_error', { exists: true }]);
    assert.match(String(there.summary), /^If the URL fails, the only reason/);
    const probed = await ask(path, { probe: true });
    assert.deepEqual([probed.verdict, probed.status], ['ok', 200]);
    for (const { warnings } of [wrong, there, probed]) {
      assert.match(String(warnings?.at(-1)), /^The response came from a Safelight server/);
    }
  });

  it('gets existence and version from the Admin API, without a run', async () => {
    const missing = await ask(path, credentials());
    assert.deepEqual([missing.verdict, missing.original], ['missing_original', { exists: false }]);
    await uploaders[1]?.upload(story, 'folder/my cat', await picture('red'));
    const { verdict, original } = await ask('/demo/image/upload/folder/my%20cat.png', credentials());
    assert.equal(verdict, 'cached_error');
    assert.deepEqual(original, { exists: true, version: story.firstVersion, format: 'png', width: 600, height: 400 });
    assert.deepEqual(story.runs, []);
  });
});
