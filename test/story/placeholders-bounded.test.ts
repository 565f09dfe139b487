import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { badTransformation } from '@safelight/core';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('story: what anybody can cause costs little', () => {
  let story: Story | undefined;
  afterEach(() => story?.end());

  it('a held failure does not run the handler for its placeholder again and again', async () => {
    let runs = 0;
    story = await startStory({
      safelight: { placeholder: 'drawn' },
      handler: () => async () => {
        runs += 1;
        throw badTransformation('Nothing can be made here');
      },
    });
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', resourceType: 'image' });
    for (let i = 0; i < 6; i += 1) assert.equal((await story.ask('/demo/image/upload/w_30/cat.jpg')).status, 400);
    assert.equal(runs, 2, 'one for the picture and one for the placeholder');
  });

  it('a handler that was down for a while draws placeholders again soon after', async () => {
    let isDown = true;
    let runs = 0;
    story = await startStory({
      safelight: { placeholder: 'drawn' },
      handler:
        (real) =>
        async (...job) => {
          runs += 1;
          if (isDown) throw new Error('The handler is down');
          return real(...job);
        },
    });
    const { ask } = story;
    for (let i = 0; i < 3; i += 1) {
      const { status, headers } = await ask('/demo/image/upload/w_30/cat.jpg');
      assert.deepEqual([status, headers['content-type']], [404, 'text/plain; charset=utf-8']);
    }
    assert.equal(runs, 1, 'tried once while it is down');
    isDown = false;
    story.pass(10_000);
    const { status, headers } = await ask('/demo/image/upload/w_30/cat.jpg');
    assert.deepEqual([status, headers['content-type']], [404, 'image/jpeg']);
  });

  it('a handler that hangs is answered for, placeholder or not', async () => {
    story = await startStory({
      safelight: { placeholder: 'drawn', timeoutMs: 50 },
      handler: () => () => new Promise<never>(() => undefined),
    });
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', resourceType: 'image' });
    assert.equal((await story.ask('/demo/image/upload/w_30/cat.jpg')).status, 504);
    assert.equal((await story.ask('/demo/image/upload/w_30/cat.jpg')).status, 504);
  });

  it('a placeholder of more than a megapixel gives way to the plain error', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    const small = await story.ask('/demo/image/upload/c_fill,h_900,w_1000/none.jpg');
    const large = await story.ask('/demo/image/upload/c_fill,h_3000,w_3000/none.jpg');
    assert.deepEqual([small.status, small.headers['content-type']], [404, 'image/jpeg']);
    assert.deepEqual([large.status, large.headers['content-type']], [404, 'text/plain; charset=utf-8']);
  });

  it('a streamed derivative has the length that it has', async () => {
    story = await startStory({
      handler: () => async () => ({ contentType: 'image/png', format: 'png', body: Readable.from([Buffer.alloc(10)]) }),
    });
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', resourceType: 'image' });
    const response = await story.ask('/demo/image/upload/w_30/cat.png');
    assert.deepEqual([response.status, response.body.length, response.headers['etag']], [200, 10, undefined]);
  });

  it('strangers see of an asset what URLs are built from, and a broken ID is their mistake', async () => {
    story = await startStory();
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', tags: ['secret'] });
    const response = await story.ask('/_safelight/assets/image/cat?cloud=demo');
    assert.match(String(response.body), /"version":/);
    assert.doesNotMatch(String(response.body), /secret|asset_id|etag|display_name/);
    assert.equal((await story.ask('/_safelight/assets/image/cat%00?cloud=demo')).status, 400);
  });
});
