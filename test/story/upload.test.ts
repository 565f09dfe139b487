import assert from 'node:assert/strict';
import { picture, shown } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

const immutable = 'public, max-age=31536000, immutable';
const revalidated = 'public, max-age=0, must-revalidate';

/** Ten derivations of a picture of 600 x 400, each with its expected size and format. */
const derivations: readonly (readonly [path: string, width: number, height: number, format: string])[] = [
  ['c_fill,h_200,w_300/cat.jpg', 300, 200, 'jpeg'],
  ['c_fill,h_50,w_50/cat.png', 50, 50, 'png'],
  ['c_fit,h_100,w_100/cat.webp', 100, 67, 'webp'],
  ['w_60/cat.jpg', 60, 40, 'jpeg'],
  ['h_10/cat.png', 15, 10, 'png'],
  ['c_pad,h_60,w_60/cat.png', 60, 60, 'png'],
  ['a_90/w_40/cat.jpg', 40, 60, 'jpeg'],
  ['c_crop,h_7,w_9/cat.png', 9, 7, 'png'],
  ['f_gif,w_12/cat', 12, 8, 'gif'],
  ['cat.png', 600, 400, 'png'],
];

describe('the upload', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
  });
  afterEach(() => story.end());

  const see = async (path: string) => {
    const reply = await story.ask(path.startsWith('/demo/') ? path : `/demo/image/upload/${path}`);
    assert.equal(reply.status, 200, `${path}: ${reply.headers['x-cld-error']}`);
    assert.equal(reply.headers['x-safelight-error'], undefined);
    return { ...reply, ...(await shown(reply.body)) };
  };
  const colour = async (path: string) => (await see(path)).colour;

  for (const { name, upload } of uploaders) {
    it(`ends the failures of all ten derivations at once, with ${name}`, async () => {
      for (let round = 0; round < 3; round += 1) {
        for (const [path] of derivations) assert.equal((await story.ask(`/demo/image/upload/${path}`)).status, 404);
        story.pass(60_000 * 2 ** round);
      }
      const { version, small } = await upload(story, 'cat', await picture('red'));
      for (const [path, ...expected] of derivations) {
        const { width, height, format, headers, colour: middle } = await see(path);
        assert.deepEqual([width, height, format], expected, path);
        assert.equal(middle, path.startsWith('a_90') ? 'red' : middle);
        assert.equal(headers['cache-control'], revalidated);
      }
      assert.equal(await colour(derivations[0]?.[0] ?? ''), 'red');
      assert.match(small, new RegExp(`/v${version}/cat\\.png$`));
      assert.deepEqual([(await see(small)).width, (await see(small)).height], [30, 20]);
    });

    it(`ends the ladder: after a later destroy the first window is a minute again, with ${name}`, async () => {
      await story.ask('/demo/image/upload/w_5/cat.png');
      story.pass(60_000);
      await story.ask('/demo/image/upload/w_5/cat.png');
      await upload(story, 'cat', await picture('red'));
      assert.equal(await colour('w_5/cat.png'), 'red');
      await story.sdk.uploader.destroy('cat');
      const gone = await story.ask('/demo/image/upload/w_5/cat.png');
      assert.deepEqual([gone.status, gone.headers['retry-after']], [404, '60']);
    });

    it(`gives every version its own bytes for ever, with ${name}`, async () => {
      const first = await upload(story, 'cat', await picture('red'));
      assert.equal(first.version, story.firstVersion);
      const seen = await see(first.small);
      assert.deepEqual([seen.colour, seen.headers['cache-control']], ['red', immutable]);
      assert.equal(await colour('w_8/cat.png'), 'red');

      const second = await upload(story, 'cat', await picture('blue'));
      assert.equal(second.version, story.firstVersion + 1);
      const old = await see(first.small);
      assert.deepEqual([old.colour, old.headers['cache-control']], ['red', immutable]);
      assert.deepEqual(old.body, seen.body);
      for (const path of ['w_8/cat.png', 'w_8/v1/cat.png', 'cat.png', 'v1/cat.png', 'v0/cat.png']) {
        const newest = await see(path);
        assert.deepEqual([newest.colour, newest.headers['cache-control']], ['blue', revalidated], path);
      }
      assert.equal(await colour(second.small), 'blue');
    });

    it(`makes a version available at once although it was requested before it existed, with ${name}`, async () => {
      const { version } = await upload(story, 'cat', await picture('red'));
      const future = `w_8/v${version + 30}/cat.png`;
      const early = await story.ask(`/demo/image/upload/${future}`);
      assert.deepEqual([early.status, early.headers['x-safelight-error']], [404, 'missing_version']);
      assert.equal(early.headers['retry-after'], '60');
      assert.doesNotMatch(String(early.headers['cache-control']), /immutable|max-age=[1-9]/);
      assert.equal(await colour('w_8/cat.png'), 'red');
      assert.equal(await colour(`w_8/v${version}/cat.png`), 'red');

      story.pass(30_000);
      assert.equal((await upload(story, 'cat', await picture('blue'))).version, version + 30);
      const right = await see(future);
      assert.deepEqual([right.colour, right.headers['cache-control']], ['blue', immutable]);
      assert.equal((await story.ask(`/demo/image/upload/w_8/v${version + 31}/cat.png`)).status, 404);
    });

    it(`never uses a number twice, with ${name}`, async () => {
      const first = await upload(story, 'cat', await picture('red'));
      assert.equal((await see(first.small)).status, 200);
      const { result } = await story.sdk.uploader.destroy('cat');
      assert.equal(result, 'ok');
      assert.equal((await story.ask(first.small)).status, 404);
      const again = await upload(story, 'cat', await picture('blue'));
      assert.ok(again.version > first.version);
      assert.equal(await colour(again.small), 'blue');
      assert.equal((await story.ask(first.small)).status, 404);
      assert.equal(await colour('w_8/cat.png'), 'blue');
    });
  }

  it('needs no signature with a preset, and is found by its name', async () => {
    assert.equal(await story.client.find('cat'), undefined);
    const bytes = await picture('lime');
    const file = `data:image/png;base64,${bytes.toString('base64')}`;
    await story.sdk.uploader.unsigned_upload(file, 'quickstart', { public_id: 'cat' });
    const found = await story.client.find('cat');
    assert.deepEqual(
      [found?.publicId, found?.version, found?.width, found?.height],
      ['cat', story.firstVersion, 600, 400],
    );
    assert.equal(await colour(found?.url().slice(story.origin.length) ?? ''), 'lime');
  });

  it('ends the wait of many requests for a hundred derivations at once', async () => {
    await story.ask('/demo/image/upload/w_1/cat.png');
    await uploaders[0]?.upload(story, 'cat', await picture('red'));
    const searched = story.searches.length;
    story.searchGate.close();
    const asked = Array.from({ length: 300 }, (_, n) => story.ask(`/demo/image/upload/w_${(n % 100) + 1}/cat.png`));
    await story.searchGate.waiting(1);
    await story.ask('/demo/image/upload/w_0/cat.png');
    story.searchGate.open();
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
    assert.ok(story.searches.length - searched <= 100);
    const runs = story.runs.filter((run) => run.endsWith(' cat'));
    assert.deepEqual([runs.length, new Set(runs).size], [100, 100]);
  });
});
