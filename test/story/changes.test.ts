import assert from 'node:assert/strict';
import { picture, shown } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

describe('rename, destroy and explicit', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
    await uploaders[1]?.upload(story, 'cat', await picture('red'));
  });
  afterEach(() => story.end());

  const at = (id: string) => story.ask(`/demo/image/upload/w_10/${id}.png`);
  const colour = async (id: string) => {
    const { status, body } = await at(id);
    return status === 200 ? (await shown(body)).colour : status;
  };

  it('after a rename the next request gets the picture under the new name, and none under the old one', async () => {
    assert.deepEqual([await colour('cat'), await colour('dog')], ['red', 404]);
    const { public_id: renamed } = await story.sdk.uploader.rename('cat', 'dog');
    assert.equal(renamed, 'dog');
    assert.deepEqual([await colour('cat'), await colour('dog')], [404, 'red']);
    await story.sdk.uploader.rename('dog', 'cat');
    assert.deepEqual([await colour('cat'), await colour('dog')], ['red', 404]);
  });

  it('a rename with overwrite replaces the asset of that name', async () => {
    await uploaders[0]?.upload(story, 'dog', await picture('blue'));
    assert.equal(await colour('dog'), 'blue');
    await assert.rejects(story.sdk.uploader.rename('cat', 'dog'));
    assert.deepEqual([await colour('cat'), await colour('dog')], ['red', 'blue']);
    await story.sdk.uploader.rename('cat', 'dog', { overwrite: true });
    assert.deepEqual([await colour('cat'), await colour('dog')], [404, 'red']);
  });

  it('a destroyed picture is missing at the next request, and an upload brings it back', async () => {
    assert.equal(await colour('cat'), 'red');
    await story.sdk.uploader.destroy('cat');
    assert.equal(await colour('cat'), 404);
    await uploaders[0]?.upload(story, 'cat', await picture('blue'));
    assert.equal(await colour('cat'), 'blue');
  });

  it('explicit ends the failures of an original that was saved without changed(), with and without invalidate', async () => {
    for (const [id, options] of [
      ['owl', { type: 'upload' as const }],
      ['fox', { type: 'upload' as const, invalidate: true }],
    ] as const) {
      assert.equal(await colour(id), 404);
      const bytes = await picture('lime');
      const source = async function* () {
        yield bytes;
      };
      const received = await story.originals.receive(source(), { maxBytes: bytes.length });
      await story.originals.publish(received, { resourceType: 'image', publicId: id, format: 'png' });
      assert.equal(await colour(id), 404);
      await story.sdk.uploader.explicit(id, options);
      assert.equal(await colour(id), 'lime');
    }
  });

  it('do not affect other assets', async () => {
    assert.equal(await colour('owl'), 404);
    await story.sdk.uploader.rename('cat', 'dog');
    await story.sdk.uploader.destroy('dog');
    story.pass(10_000);
    assert.equal((await at('owl')).headers['retry-after'], '50');
  });
});
