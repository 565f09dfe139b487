import assert from 'node:assert/strict';
import { badTransformation, type Handler } from '@safelight/core';
import { picture, shown } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

const url = '/demo/image/upload/w_12/cat.png';
const publish = async (story: Story, colour: 'red' | 'blue') =>
  uploaders[0]?.upload(story, 'cat', await picture(colour));

describe('an upload during a run', () => {
  let story: Story;
  afterEach(() => story.end());

  const colourNow = async (path = url) => {
    const reply = await story.ask(path);
    assert.equal(reply.status, 200);
    return (await shown(reply.body)).colour;
  };

  it('is not undone by a look-up that had found no original', async () => {
    story = await startStory();
    story.searchGate.close(1);
    const early = Array.from({ length: 20 }, (_, n) => story.ask(`/demo/image/upload/w_${n + 1}/cat.png`));
    await story.searchGate.waiting(1);
    await publish(story, 'red');
    // The old look-up has not returned yet, and new requests do not wait for it.
    assert.equal(await colourNow(), 'red');
    story.searchGate.open();
    for (const { status, headers } of await Promise.all(early)) {
      assert.equal(status, 200);
      assert.equal(headers['x-safelight-error'], undefined);
    }
    for (let width = 1; width <= 21; width += 1)
      assert.equal(await colourNow(`/demo/image/upload/w_${width}/cat.png`), 'red');
  });

  it('is not undone by a run that fails on the old original', async () => {
    const failsOnRed = (real: Handler): Handler =>
      async function handler(delivery, context) {
        if (context.original.width === 600) throw badTransformation('Not of this one');
        return real(delivery, context);
      };
    story = await startStory({ handler: failsOnRed });
    await publish(story, 'red');
    story.runGate.close();
    const early = [story.ask(url), story.ask(url), story.ask('/demo/image/upload/w_13/cat.png')];
    await story.runGate.waiting(2);
    await uploaders[0]?.upload(story, 'cat', await picture('blue', 60, 40));
    story.runGate.open();
    for (const { status, body } of await Promise.all(early)) {
      assert.equal(status, 200);
      assert.equal((await shown(body)).colour, 'blue');
    }
    assert.equal(await colourNow(), 'blue');
  });

  it('only earlier requests get the derivative of the old original, and no cache may store it', async () => {
    story = await startStory();
    await publish(story, 'red');
    story.runGate.close();
    const early = story.ask(url);
    await story.runGate.waiting(1);
    await publish(story, 'blue');
    story.runGate.open();
    const { status, headers, body } = await early;
    assert.equal(status, 200);
    assert.equal((await shown(body)).colour, 'red');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(await colourNow(), 'blue');
  });
});
