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

  it('give the new name its picture and take it from the old one, at the next request', async () => {
    assert.deepEqual([await colour('cat'), await colour('dog')], ['red', 404]);
    const { public_id: renamed } = await story.sdk.uploader.rename('cat', 'dog');
    assert.equal(renamed, 'dog');
    assert.deepEqual([await colour('cat'), await colour('dog')], [404, 'red']);
    await story.sdk.uploader.rename('dog', 'cat');
    assert.deepEqual([await colour('cat'), await colour('dog')], ['red', 404]);
  });

  it('replace what had the name, when told to', async () => {
    await uploaders[0]?.upload(story, 'dog', await picture('blue'));
    assert.equal(await colour('dog'), 'blue');
    await assert.rejects(story.sdk.uploader.rename('cat', 'dog'));
    assert.deepEqual([await colour('cat'), await colour('dog')], ['red', 'blue']);
    await story.sdk.uploader.rename('cat', 'dog', { overwrite: true });
    assert.deepEqual([await colour('cat'), await colour('dog')], [404, 'red']);
  });

  it('take a destroyed picture away at the next request, and let it come back', async () => {
    assert.equal(await colour('cat'), 'red');
    await story.sdk.uploader.destroy('cat');
    assert.equal(await colour('cat'), 404);
    await uploaders[0]?.upload(story, 'cat', await picture('blue'));
    assert.equal(await colour('cat'), 'blue');
  });

  it('clear what is remembered of an original that arrived without a word, whether invalidate is set or not', async () => {
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

  it('leave every other asset alone', async () => {
    assert.equal(await colour('owl'), 404);
    await story.sdk.uploader.rename('cat', 'dog');
    await story.sdk.uploader.destroy('dog');
    story.pass(10_000);
    assert.equal((await at('owl')).headers['retry-after'], '50');
  });
});
