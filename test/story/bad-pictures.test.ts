import assert from 'node:assert/strict';
import { brokenPicture, picture, shown, storedUnchecked } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

describe('a derivative that cannot be made', () => {
  let story: Story;
  afterEach(() => story.end());
  const upload = async (publicId: string, bytes: Promise<Buffer<ArrayBuffer>>) =>
    uploaders[0]?.upload(story, publicId, await bytes);
  const at = (path: string) => story.ask(`/demo/image/upload/${path}`);

  it('a picture with a good header and bad pixels: each derivation fails and is held, other pictures are not affected', async () => {
    story = await startStory();
    await storedUnchecked(story, 'cat', await brokenPicture());
    await upload('dog', picture('red'));
    for (const path of ['w_10/cat.png', 'c_fill,h_200,w_300/cat.jpg', 'e_grayscale/cat.webp']) {
      for (const source of ['fwd=uri-miss', 'hit']) {
        const { status, headers, text } = await at(path);
        assert.deepEqual([status, headers['x-safelight-error']], [400, 'invalid_original'], path);
        assert.match(String(headers['cache-status']), new RegExp(`; ${source};`));
        assert.equal(headers['retry-after'], '60');
        assert.doesNotMatch(text, /\/|node:|\bat /);
      }
    }
    assert.equal(story.runs.length, 3);
    for (const path of ['w_10/dog.png', 'c_fill,h_200,w_300/dog.jpg']) assert.equal((await at(path)).status, 200, path);
  });

  it('its placeholder has the requested size', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    await storedUnchecked(story, 'cat', await brokenPicture());
    const { status, headers, body } = await at('c_fill,h_20,w_30/cat.png');
    assert.deepEqual([status, headers['content-type']], [400, 'image/png']);
    const { width, height } = await shown(body);
    assert.deepEqual([width, height], [30, 20]);
  });

  it('the failure ends when a good picture is uploaded', async () => {
    story = await startStory();
    await storedUnchecked(story, 'cat', await brokenPicture());
    assert.equal((await at('w_10/cat.png')).status, 400);
    await upload('cat', picture('red'));
    assert.equal((await shown((await at('w_10/cat.png')).body)).colour, 'red');
  });

  it('a bad transformation affects only its own derivation', async () => {
    story = await startStory();
    await upload('cat', picture('red'));
    const bad = 'c_scale,h_6000,w_6000/cat.jpg';
    for (const seconds of [60, 120]) {
      const { status, headers } = await at(bad);
      assert.deepEqual([status, headers['x-safelight-error']], [400, 'too_many_pixels']);
      assert.equal(headers['retry-after'], String(seconds));
      assert.equal((await at('c_scale,h_60,w_60/cat.jpg')).status, 200);
      assert.equal((await at('c_scale,h_6000,w_6000/c_fill,h_5,w_5/dog.jpg')).status, 404);
      story.pass(seconds * 1000);
    }
  });

  it('a picture of more than 100 megapixels is refused, at the upload and at the delivery', async () => {
    story = await startStory();
    const huge = await picture('red', 12, 10);
    huge.writeUInt32BE(20_000, 16);
    huge.writeUInt32BE(6_000, 20);
    const uploading = story.client.upload(huge, { publicId: 'huge' });
    await assert.rejects(uploading, { name: 'SafelightError', code: 'rejected', status: 400 });

    const source = async function* () {
      yield huge;
    };
    const received = await story.originals.receive(source(), { maxBytes: huge.length });
    await story.originals.publish(received, { resourceType: 'image', publicId: 'huge', format: 'png' });
    const { status, headers } = await at('w_10/huge.jpg');
    assert.equal(status, 400);
    assert.match(String(headers['x-cld-error']), /pixels|image/);
  });

  it('two spellings of one picture share the held failure', async () => {
    story = await startStory();
    await storedUnchecked(story, 'cat', await brokenPicture());
    const first = await at('c_fill,h_30,w_40/cat.jpg');
    assert.match(String(first.headers['cache-status']), /fwd=uri-miss/);
    for (const spelling of [
      'w_40,h_30,c_fill/cat.jpg',
      'c_fill,w_40,h_30/v1/cat.jpg',
      'w_40,c_fill,h_30//cat.jpg?_a=BAMAAA',
    ]) {
      const again = await at(spelling);
      assert.deepEqual([again.status, again.headers['retry-after']], [400, '60'], spelling);
      assert.match(String(again.headers['cache-status']), /; hit;/, spelling);
    }
    assert.equal(story.runs.length, 1);
  });

  it('two spellings at the same time share one run', async () => {
    story = await startStory();
    await upload('cat', picture('red'));
    story.runGate.close();
    const asked = ['c_fill,h_30,w_40', 'w_40,h_30,c_fill', 'h_30,c_fill,w_40/v1'].map((text) => at(`${text}/cat.jpg`));
    await story.runGate.waiting(1);
    await at('w_0/cat.jpg');
    story.runGate.open();
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
    assert.equal(story.runs.length, 1);
  });

  it('a crash of the handler is held for a second, and its text is not sent', async () => {
    story = await startStory({
      handler: () => async () => {
        throw new Error('ENOENT: /var/secret/originals');
      },
    });
    await upload('cat', picture('red'));
    for (const seconds of [1, 2, 4]) {
      const { status, headers, text } = await at('w_10/cat.jpg');
      assert.deepEqual(
        [status, headers['x-safelight-error'], headers['retry-after']],
        [500, 'handler_failed', `${seconds}`],
      );
      assert.doesNotMatch(text + JSON.stringify(headers), /secret|ENOENT/);
      story.pass(seconds * 1000);
    }
  });
});
