import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('story: originals that are saved past the upload API', () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it('changed frees the derivations of a cloud that is mounted here', async () => {
    const path = '/demo/image/upload/c_fill,h_20,w_30/cat.jpg';
    assert.equal((await story.ask(path)).status, 404);
    const received = await story.originals.receive(Readable.from([await picture('red')]), { maxBytes: 1_000_000 });
    await story.originals.publish(received, { resourceType: 'image', publicId: 'cat', format: 'png' });
    assert.equal((await story.ask(path)).status, 404, 'nobody has said so yet');
    await story.safelight.changed('cat');
    assert.equal((await story.ask(path)).status, 200);
  });
});
