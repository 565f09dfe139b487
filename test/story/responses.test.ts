import assert from 'node:assert/strict';
import { brokenPicture, picture, shown, storedUnchecked } from './pictures.ts';
import { type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

describe('how a response depends on the request', () => {
  let story: Story;
  afterEach(() => story.end());
  const at = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    story.ask(`/demo/image/upload/${path}`, { headers, method });
  const upload = async (publicId: string, bytes: Promise<Buffer<ArrayBuffer>>) =>
    uploaders[0]?.upload(story, publicId, await bytes);

  const chromium = 'image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
  const accepts: readonly (readonly [accept: string, type: string])[] = [
    [chromium, 'image/avif'],
    ['image/webp,*/*', 'image/webp'],
    ['image/avif;q=0, image/webp', 'image/webp'],
    ['*/*', 'image/jpeg'],
    ['image/png', 'image/jpeg'],
  ];

  it('f_auto: Accept decides the format, and Vary names it', async () => {
    story = await startStory();
    await upload('cat', picture('red', 60, 40));
    const etags = new Set<unknown>();
    for (const [accept, type] of [...accepts, ...accepts]) {
      const { status, headers } = await at('f_auto,w_20/cat', { accept });
      assert.deepEqual([status, headers['content-type'], headers.vary], [200, type, 'Accept'], accept);
      etags.add(headers.etag);
    }
    assert.equal(etags.size, 3);
    for (const path of ['w_20/cat.jpg', 'w_20/cat', 'f_webp,w_20/cat.png'])
      assert.equal((await at(path, { accept: chromium })).headers.vary, undefined, path);
  });

  it('f_auto: a placeholder and a failure of the derivation vary too', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    for (const [accept, type] of accepts) {
      const { status, headers } = await at('f_auto,w_20/cat', { accept });
      assert.deepEqual([status, headers.vary], [404, 'Accept'], accept);
      // When neither format is accepted it is a PNG, since a drawing could be transparent. AVIF would take too long.
      const expected = { 'image/jpeg': 'image/png', 'image/avif': 'image/webp' }[type as string] ?? type;
      assert.equal(headers['content-type'], expected);
    }
    assert.equal(story.searches.length, 1);

    const plain = await startStory();
    try {
      await storedUnchecked(plain, 'cat', await brokenPicture());
      for (const held of [false, true]) {
        const { status, headers } = await plain.ask('/demo/image/upload/f_auto,w_20/cat', {
          headers: { accept: chromium },
        });
        assert.deepEqual([status, headers.vary], [400, 'Accept'], `held: ${held}`);
      }
    } finally {
      await plain.end();
    }
  });

  it('If-None-Match: 304 with those headers of the 200 that caches need', async () => {
    story = await startStory();
    await upload('cat', picture('red'));
    for (const path of ['w_20/cat.png', `w_20/v${story.firstVersion}/cat.png`, 'f_auto,w_20/cat', 'cat.png']) {
      const full = await at(path);
      const etag = full.headers.etag ?? '';
      assert.match(etag, /^"[\w-]+"$/);
      for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const not = await at(path, { 'if-none-match': tags });
        assert.deepEqual([not.status, not.body.length], [304, 0], tags);
        for (const name of [
          'etag',
          'cache-control',
          'vary',
          'cache-tag',
          'access-control-allow-origin',
          'timing-allow-origin',
        ])
          assert.deepEqual(not.headers[name], full.headers[name], `${path} ${name}`);
        for (const name of ['content-type', 'content-length']) assert.equal(not.headers[name], undefined);
      }
      const other = await at(path, { 'if-none-match': '"other"' });
      assert.deepEqual([other.status, other.body.length], [200, full.body.length]);
    }
  });

  it('an error and a placeholder never become a 304', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    for (const tags of ['*', '"x"']) assert.equal((await at('w_20/cat.png', { 'if-none-match': tags })).status, 404);
  });

  it('HEAD: the headers of the GET, without its body', async () => {
    story = await startStory();
    await upload('cat', picture('red'));
    for (const path of ['w_20/cat.png', 'cat.png']) {
      const head = await at(path, {}, 'HEAD');
      const get = await at(path);
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      for (const name of ['content-length', 'content-type', 'etag', 'cache-control', 'last-modified'])
        assert.equal(head.headers[name], get.headers[name], `${path} ${name}`);
      assert.equal(Number(head.headers['content-length']), get.body.length);
    }
  });

  for (const path of ['w_20/cat.png', 'cat.png']) {
    it(`a range of ${path}, also as the first request`, async () => {
      story = await startStory();
      await upload('cat', picture('red'));
      const part = await at(path, { range: 'bytes=2-5' });
      const whole = await at(path);
      assert.deepEqual([part.status, part.body], [206, whole.body.subarray(2, 6)]);
      assert.equal(part.headers['content-range'], `bytes 2-5/${whole.body.length}`);
      assert.equal(part.headers['etag'], whole.headers['etag']);
      const none = await at(path, { range: 'bytes=999999-' });
      assert.deepEqual([none.status, none.headers['cache-control']], [416, 'no-store']);
    });
  }

  it('d_: the picture that the URL names is the placeholder, marked, until the original exists', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    await upload('ph/blue', picture('blue'));
    const path = 'd_ph:blue.png/c_fill,h_20,w_30/cat.png';
    const early = await at(path);
    assert.deepEqual([early.status, early.headers['x-safelight-error']], [404, 'missing_original']);
    assert.match(String(early.headers['server-timing']), /placeholder/);
    assert.equal(early.headers.etag, undefined);
    assert.deepEqual(await shown(early.body), { format: 'png', width: 30, height: 20, colour: 'blue' });

    await upload('ph/blue', picture('lime'));
    assert.equal((await shown((await at(path)).body)).colour, 'lime');
    const unknown = await at('d_nobody.png/c_fill,h_20,w_30/cat.png');
    assert.deepEqual([unknown.status, (await shown(unknown.body)).width], [404, 30]);

    await upload('cat', picture('red'));
    const there = await at(path);
    assert.deepEqual([there.status, (await shown(there.body)).colour], [200, 'red']);
    assert.doesNotMatch(String(there.headers['server-timing']), /placeholder/);
  });

  it('when a placeholder cannot be made, the plain error is sent', async () => {
    const broken = { contentType: 'image/png', bytes: await brokenPicture() };
    story = await startStory({ safelight: { placeholder: broken } });
    const { status, headers, text } = await at('w_20/cat.png');
    assert.deepEqual([status, headers['x-safelight-error']], [404, 'missing_original']);
    assert.match(text, /^Resource not found - cat/);
    assert.doesNotMatch(String(headers['server-timing']), /placeholder/);
  });
});
