import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { badTransformation } from '@safelight/core';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('the cost of placeholders and anonymous requests', () => {
  let story: Story | undefined;
  afterEach(() => story?.end());

  it('a held failure runs the handler for its placeholder only once', async () => {
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
    assert.equal(runs, 2, 'one run for the picture and one for the placeholder');
  });

  it('a handler that was down draws placeholders again soon after it is up', async () => {
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
    assert.equal(runs, 1, 'one attempt while the handler is down');
    isDown = false;
    story.pass(10_000);
    const { status, headers } = await ask('/demo/image/upload/w_30/cat.jpg');
    assert.deepEqual([status, headers['content-type']], [404, 'image/jpeg']);
  });

  it('when the handler hangs, a response is sent, with and without a placeholder', async () => {
    story = await startStory({
      safelight: { placeholder: 'drawn', timeoutMs: 50 },
      handler: () => () => new Promise<never>(() => undefined),
    });
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', resourceType: 'image' });
    assert.equal((await story.ask('/demo/image/upload/w_30/cat.jpg')).status, 504);
    assert.equal((await story.ask('/demo/image/upload/w_30/cat.jpg')).status, 504);
  });

  it('when the image that the URL names cannot be read, the drawn placeholder is sent', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    const received = await story.originals.receive(Readable.from([Buffer.from('no picture')]), { maxBytes: 100 });
    await story.originals.publish(received, { resourceType: 'image', publicId: 'broken', format: 'png' });
    const drawn = await story.ask('/demo/image/upload/w_30/cat.png');
    const named = await story.ask('/demo/image/upload/d_broken.png,w_30/cat.png');
    assert.deepEqual([named.status, named.headers['content-type']], [404, 'image/png']);
    assert.deepEqual(named.body, drawn.body);
  });

  it('instead of a placeholder of more than a megapixel the plain error is sent', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    const small = await story.ask('/demo/image/upload/c_fill,h_900,w_1000/none.jpg');
    const large = await story.ask('/demo/image/upload/c_fill,h_3000,w_3000/none.jpg');
    assert.deepEqual([small.status, small.headers['content-type']], [404, 'image/jpeg']);
    assert.deepEqual([large.status, large.headers['content-type']], [404, 'text/plain; charset=utf-8']);
  });

  it('one placeholder is drawn at a time, and each only once', async () => {
    let running = 0;
    const kinds: unknown[] = [];
    story = await startStory({
      safelight: { placeholder: 'drawn' },
      handler: (real) => async (delivery, context) => {
        kinds.push(context.placeholder);
        running += 1;
        assert.equal(running, 1);
        return real(delivery, context).finally(() => {
          running -= 1;
        });
      },
    });
    const { ask } = story;
    const sizes = [30, 31, 32, 30, 31, 32];
    const responses = await Promise.all(sizes.map((width) => ask(`/demo/image/upload/w_${width}/none-${width}.png`)));
    for (const { status, headers } of responses) {
      assert.deepEqual([status, headers['content-type']], [404, 'image/png']);
    }
    assert.deepEqual(kinds, ['configured', 'configured', 'configured']);
  });

  it('when too many placeholders wait, the plain error is sent at once, and later the placeholder', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    story = await startStory({
      safelight: { placeholder: 'drawn' },
      handler:
        (real) =>
        async (...job) => {
          await promise;
          return real(...job);
        },
    });
    const { ask } = story;
    // Each missing picture has a size that no other has, and that is one of the few.
    const urls = [100, 200, 400].flatMap((long) =>
      ['fill', 'pad', 'fit'].flatMap((crop) =>
        Array.from({ length: 12 }, (_, i) => `c_${crop},h_${Math.round((long * (i + 1)) / 12)},w_${long}`),
      ),
    );
    const asked = urls.map((url) => ask(`/demo/image/upload/${url}/none.png`));
    const first = await Promise.race(asked);
    assert.deepEqual([first.status, first.headers['content-type']], [404, 'text/plain; charset=utf-8']);
    resolve();
    const types = (await Promise.all(asked)).map(({ headers }) => headers['content-type']);
    assert.ok(types.includes('image/png') && types.includes('text/plain; charset=utf-8'), [...new Set(types)].join());
    const refused = urls[types.indexOf('text/plain; charset=utf-8')];
    assert.equal((await ask(`/demo/image/upload/${refused}/none.png`)).headers['content-type'], 'image/png');
  });

  it('a streamed derivative is described with its true length', async () => {
    story = await startStory({
      handler: () => async () => ({ contentType: 'image/png', format: 'png', body: Readable.from([Buffer.alloc(10)]) }),
    });
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', resourceType: 'image' });
    const response = await story.ask('/demo/image/upload/w_30/cat.png');
    assert.deepEqual([response.status, response.body.length, response.headers['etag']], [200, 10, undefined]);
  });

  it('anonymous clients see only the parts of an asset that URLs contain, and a malformed ID is a 400', async () => {
    story = await startStory();
    await story.client.upload(new Blob([await picture('red')]), { publicId: 'cat', tags: ['secret'] });
    const response = await story.ask('/_safelight/assets/image/cat?cloud=demo');
    assert.match(String(response.body), /"version":/);
    assert.doesNotMatch(String(response.body), /secret|asset_id|etag|display_name/);
    assert.equal((await story.ask('/_safelight/assets/image/cat%00?cloud=demo')).status, 400);
  });
});
