import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('originals that are saved without the upload API', () => {
  let story: Story;
  before(async () => {
    story = await startStory();
  });
  after(() => story.end());

  it('changed() ends the failures of a cloud that is mounted on the same Safelight', async () => {
    const path = '/demo/image/upload/c_fill,h_20,w_30/cat.jpg';
    assert.equal((await story.ask(path)).status, 404);
    const received = await story.originals.receive(Readable.from([await picture('red')]), { maxBytes: 1_000_000 });
    await story.originals.publish(received, { resourceType: 'image', publicId: 'cat', format: 'png' });
    assert.equal((await story.ask(path)).status, 404, 'changed() was not called yet');
    await story.safelight.changed('cat');
    assert.equal((await story.ask(path)).status, 200);
  });
});
