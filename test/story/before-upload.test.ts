import assert from 'node:assert/strict';
import { isProblem, parseCacheStatus } from '@safelight/protocol';
import type { Reply } from './ask.ts';
import { shown } from './pictures.ts';
import { type Story, startStory } from './story.ts';

const url = '/demo/image/upload/c_fill,h_200,w_300/cat.jpg';
const others = [
  'c_fill,h_200,w_301',
  'c_fit,w_50',
  'w_10',
  'e_grayscale',
  'c_pad,h_9,w_9',
  'q_1',
  'r_5',
  'a_90',
  'h_7',
].map((transformation) => `/demo/image/upload/${transformation}/cat.jpg`);
const media = { 'sec-fetch-dest': 'image', accept: 'image/avif,image/webp,*/*;q=0.8' };
const everybodyElse: readonly Readonly<Record<string, string>>[] = [
  {},
  media,
  { accept: '*/*' },
  { accept: 'image/png' },
  { accept: 'text/html,application/xhtml+xml' },
];

const alwaysThere = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Age, Cache-Status, Date, ETag, Retry-After, Server-Timing, X-Cld-Error, X-Safelight-Error',
  'timing-allow-origin': '*',
  'x-safelight-error': 'missing_original',
  'x-cld-error': 'Resource not found - cat',
  'cache-tag': 'image-cat',
  'cache-groups': '"image-cat"',
};

/** The headers of a response, without those of the connection and of the time. */
function said({ headers }: Reply): Record<string, unknown> {
  const { date, connection, 'keep-alive': _, 'cache-status': status, ...rest } = headers;
  assert.ok(date);
  return { ...rest, 'cache-status': parseCacheStatus(status as string) };
}

describe('a request for a derivation before its original exists', () => {
  let story: Story;
  afterEach(() => story.end());

  it('gets the failure and the remaining time, for the client and for caches', async () => {
    story = await startStory();
    const reply = await story.ask(url, { headers: media });
    assert.equal(reply.status, 404);
    assert.deepEqual(said(reply), {
      ...alwaysThere,
      'cache-control': 'public, max-age=0, s-maxage=60, stale-while-revalidate=0',
      'retry-after': '60',
      'server-timing': 'err;desc="missing_original", rung;desc="1", heal;dur=60000',
      'cache-status': parseCacheStatus(
        'safelight; fwd=uri-miss; fwd-status=404; stored; ttl=60; detail=missing_original',
      ),
      'content-length': '0',
    });
  });

  it('ten derivations cost one look-up of the original, and no run', async () => {
    story = await startStory();
    for (const path of [url, ...others]) {
      const reply = await story.ask(path);
      assert.equal(reply.status, 404, path);
      assert.equal(reply.headers['retry-after'], '60');
    }
    assert.deepEqual(story.searches, ['cat']);
    assert.deepEqual(story.runs, []);
  });

  it('a media request gets no body, and other requests get one line of text', async () => {
    story = await startStory();
    const image = await story.ask(url, { headers: media });
    assert.equal(image.body.length, 0);
    assert.equal(image.headers['content-type'], undefined);
    for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html' }]) {
      const { text, headers: had } = await story.ask(url, { headers });
      assert.equal(had['content-type'], 'text/plain; charset=utf-8');
      assert.match(text, /^Resource not found - cat[^\n]*\n$/);
    }
  });

  for (const placeholder of ['none', 'drawn']) {
    it(`a client that accepts JSON gets the problem document, which no cache may store (placeholder: ${placeholder})`, async () => {
      story = await startStory({ safelight: { placeholder } });
      for (const accept of ['application/json', 'application/problem+json, */*']) {
        const { status, headers, text } = await story.ask(url, { headers: { accept } });
        assert.equal(status, 404);
        assert.equal(headers['content-type'], 'application/problem+json');
        assert.equal(headers['cache-control'], 'no-store');
        const problem: unknown = JSON.parse(text);
        assert.ok(isProblem(problem));
        assert.deepEqual(problem, {
          type: 'urn:safelight:missing_original',
          title: 'The original has not been uploaded',
          status: 404,
          code: 'missing_original',
          detail: 'Resource not found - cat',
          retry_after: 60,
          rung: 1,
          next_attempt_at: new Date((story.firstVersion + 60) * 1000).toISOString(),
          failed_since: new Date(story.firstVersion * 1000).toISOString(),
        });
      }
    });
  }

  it('other clients get the placeholder, in the requested size', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn' } });
    for (const headers of everybodyElse) {
      const reply = await story.ask(url, { headers });
      assert.equal(reply.status, 404);
      assert.equal(reply.headers['content-type'], 'image/jpeg');
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      assert.match(reply.headers['server-timing'] as string, /, placeholder$/);
      assert.match(reply.headers['cache-control'] as string, /^public, max-age=0, s-maxage=60,/);
      for (const name of ['etag', 'last-modified', 'accept-ranges', 'age', 'vary'])
        assert.equal(reply.headers[name], undefined, name);
      const { width, height } = await shown(reply.body);
      assert.deepEqual([width, height], [300, 200]);
    }
    assert.deepEqual(story.searches, ['cat']);
  });

  it('with placeholderStatus: 200 the placeholder is still marked, and fresh for no longer than the error', async () => {
    story = await startStory({ safelight: { placeholder: 'drawn', placeholderStatus: 200 } });
    const reply = await story.ask(url);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['x-safelight-error'], 'missing_original');
    assert.equal(reply.headers['cache-control'], 'public, max-age=0, s-maxage=60, stale-while-revalidate=0');
    const etag = reply.headers.etag ?? '*';
    assert.equal((await story.ask(url, { headers: { 'if-none-match': etag } })).status, 200);
  });

  it('the failure is held with a decreasing time, for any number and kind of requests', async () => {
    story = await startStory({ safelight: { placeholder: 'none' } });
    await story.ask(url);
    const before = await story.files();
    story.pass(3_000);
    const held = await story.ask(url, { headers: media });
    assert.deepEqual(said(held), {
      ...alwaysThere,
      'cache-control': 'public, max-age=0, s-maxage=57, stale-while-revalidate=0',
      'retry-after': '57',
      'server-timing': 'err;desc="missing_original", rung;desc="1", heal;dur=57000',
      'cache-status': parseCacheStatus('safelight; hit; ttl=57; detail=missing_original'),
      'content-length': '0',
    });

    story.pass(27_000);
    const get = `GET ${url} HTTP/1.1`;
    const heads = [get, get, `HEAD ${url} HTTP/1.1`, `${get}\r\nRange: bytes=0-9`, `${get}\r\nCache-Control: no-cache`];
    const counts = await story.askMany(Array.from({ length: 10_000 }, (_, n) => heads[n % heads.length] as string));
    assert.deepEqual([...counts], [[404, 10_000]]);

    const after = await story.ask(url, { headers: { 'if-none-match': '*', pragma: 'no-cache' } });
    assert.equal(after.headers['retry-after'], '30');
    assert.match(after.headers['server-timing'] as string, /rung;desc="1", heal;dur=30000/);
    assert.deepEqual([story.searches, story.runs], [['cat'], []]);
    assert.deepEqual(await story.files(), before);

    story.pass(29_200);
    const last = await story.ask(url);
    assert.equal(last.headers['retry-after'], '1');
    assert.match(last.headers['cache-control'] as string, /s-maxage=0,/);
    assert.deepEqual(story.searches, ['cat']);
  });

  it('HEAD gets the headers of GET and no body', async () => {
    story = await startStory();
    const head = await story.ask(url, { method: 'HEAD' });
    assert.equal(head.status, 404);
    assert.equal(head.body.length, 0);
    const get = await story.ask(url);
    assert.equal(head.headers['content-length'], String(get.body.length));
    assert.deepEqual(story.searches, ['cat']);
  });
});
