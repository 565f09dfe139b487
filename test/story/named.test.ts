import assert from 'node:assert/strict';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import { memoryStore } from '@safelight/stores';
import sharp from 'sharp';
import { picture } from './pictures.ts';
import { type Story, startStory } from './story.ts';

describe('named transformations', () => {
  let story: Story | undefined;
  afterEach(() => story?.end());

  it('stand for their steps, and share the derivation of the same steps', async () => {
    story = await startStory({
      cloud: { transformations: { thumb: 'c_fill,h_10,w_20', card: 't_thumb/e_grayscale' } },
    });
    const asset = await story.client.upload(await picture('red'), { publicId: 'cat' });
    const { status, body } = await story.ask('/demo/image/upload/t_thumb/cat.png');
    const { width, height } = await sharp(body).metadata();
    assert.deepEqual([status, width, height], [200, 20, 10]);
    assert.equal((await story.ask('/demo/image/upload/w_20,h_10,c_fill/cat.png')).status, 200);
    assert.deepEqual(story.runs, ['c_fill,h_10,w_20 cat']);
    assert.equal((await story.ask(`/demo/image/upload/t_card/v${asset.version}/cat.png`)).status, 200);
    assert.deepEqual(story.runs.at(-1), 'c_fill,h_10,w_20/e_grayscale cat');
  });

  it('have URLs that are not immutable, because their meaning can change', async () => {
    story = await startStory({ cloud: { transformations: { thumb: 'c_fill,h_10,w_20' } } });
    const { version } = await story.client.upload(await picture('red'), { publicId: 'cat' });
    const cacheControl = async (text: string) => {
      const { status, headers } = await (story as Story).ask(`/demo/image/upload/${text}/v${version}/cat.png`);
      return [status, headers['cache-control']];
    };
    const immutable = 'public, max-age=31536000, immutable';
    const revalidated = 'public, max-age=0, must-revalidate';
    // The same derivative, in each order.
    for (const _ of ['made', 'cached']) {
      assert.deepEqual(await cacheControl('t_thumb'), [200, revalidated]);
      assert.deepEqual(await cacheControl('c_fill,h_10,w_20'), [200, immutable]);
      assert.deepEqual(await cacheControl('t_thumb/fl_immutable_cache'), [200, immutable]);
    }
    const { headers } = await story.ask('/demo/image/upload/t_thumb/fl_immutable_cache/cat.png');
    assert.equal(headers['cache-control'], revalidated, 'without a version nothing is immutable');
  });

  it('that are not known are refused by name, and not held', async () => {
    story = await startStory({ cloud: { transformations: { thumb: 'w_20' } } });
    const { status, headers } = await story.ask('/demo/image/upload/t_thumbs/cat.png');
    assert.deepEqual(
      [status, headers['x-safelight-error'], headers['cache-control']],
      [400, 'not_offered', 'no-store'],
    );
    assert.match(String(headers['x-cld-error']), /^Unknown named transformation: t_thumbs/);
  });

  it('with another text have neither the derivatives nor the failures of the old text', async () => {
    // Two processes with one store and one folder, before and after the change of the text.
    const store = memoryStore();
    story = await startStory({ safelight: { store }, cloud: { transformations: { thumb: 'c_crop,h_1,w_1,x_5000' } } });
    await story.client.upload(await picture('red'), { publicId: 'cat' });
    const failed = await story.ask('/demo/image/upload/t_thumb/cat.png');
    assert.deepEqual([failed.status, failed.headers['x-safelight-error']], [400, 'bad_transformation']);
    const { originals, now } = story;
    const changed = await startStory({
      firstVersion: Math.floor(now() / 1000),
      safelight: { store },
      cloud: { originals, transformations: { thumb: 'c_crop,h_1,w_1' } },
    });
    try {
      assert.equal((await changed.ask('/demo/image/upload/t_thumb/cat.png')).status, 200);
    } finally {
      await changed.end();
    }
  });

  it('are made by eager, and its text is refused when a name is not known', async () => {
    story = await startStory({ cloud: { transformations: { thumb: 'c_fill,h_10,w_20' } } });
    const { sdk, timestamp } = story;
    const file = `data:image/png;base64,${(await picture('red')).toString('base64')}`;
    const { eager } = await sdk.uploader.upload(file, {
      public_id: 'cat',
      eager: [{ transformation: 'thumb' }],
      timestamp: timestamp(),
    });
    assert.deepEqual([eager[0].width, eager[0].height], [20, 10]);
    await assert.rejects(
      sdk.uploader.upload(file, { public_id: 'cat', eager: [{ transformation: 'nail' }], timestamp: timestamp() }),
      { http_code: 400, message: /Unknown named transformation: t_nail/ },
    );
  });

  it('are checked when the cloud is created', () => {
    const create = (transformations: unknown) =>
      cloud(createSafelight(), 'demo', {
        originals: fileOriginals({ directory: 'unused' }),
        handler: sharpHandler(),
        transformations: transformations as Readonly<Record<string, string>>,
      });
    const name = 'TypeError';
    assert.throws(() => create({ thumb: 'w_abc' }), {
      name,
      message: /transformations\.thumb cannot be used\. Invalid width/,
    });
    assert.throws(() => create({ a: 't_b', b: 't_a' }), {
      name,
      message: /transformations\.a contains itself: a -> b -> a/,
    });
    assert.throws(() => create(['w_5']), { name, message: /transformations is an array; it must be an object/ });
  });
});
