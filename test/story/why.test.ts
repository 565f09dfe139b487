import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { why as explain } from '@safelight/client/why';
import { cloud } from '@safelight/cloud';
import { type Diagnosis, formatDiagnosis, isDiagnosis } from '@safelight/protocol';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import { picture } from './pictures.ts';
import { basicAuth, type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

const path = '/demo/image/upload/c_fill,h_200,w_300/cat.jpg';

describe('why', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
  });
  afterEach(() => story.end());

  async function why(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Diagnosis> {
    const reply = await story.ask(`/_safelight/why?url=${encodeURIComponent(url)}`, { headers });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['cache-control'], 'no-store');
    const diagnosis: unknown = JSON.parse(reply.text);
    assert.ok(isDiagnosis(diagnosis));
    return diagnosis;
  }

  it('explains each state of a URL, and changes none', async () => {
    for (let times = 0; times < 3; times += 1) {
      const never = await why(path);
      assert.deepEqual(
        [never.verdict, never.status, never.cached, never.remainingMs],
        ['missing_original', 404, false, null],
      );
      assert.deepEqual(never.original, { exists: false });
    }
    const first = await story.ask(path);
    assert.match(String(first.headers['cache-status']), /fwd=uri-miss/);
    assert.match(String(first.headers['server-timing']), /rung;desc="1"/);

    story.pass(20_000);
    for (const url of [
      path,
      `https://pictures.example${path}`,
      `${path}?x#y`,
      path.replace('c_fill,h_200,w_300', 'w_300,c_fill,h_200'),
    ]) {
      const held = await why(url);
      assert.equal(held.url, url);
      assert.deepEqual(
        [held.verdict, held.status, held.cached, held.remainingMs],
        ['missing_original', 404, true, 40_000],
      );
      assert.deepEqual([held.attempt, held.windowMs, held.nextTtlMs], [1, 60_000, 120_000]);
      assert.equal(held.transformation, 'c_fill,h_200,w_300');
      assert.deepEqual(held.layers.at(-1), { name: 'server', state: 'hit', remainingMs: 40_000 });
    }
    story.pass(40_000);
    assert.equal((await why(path)).cached, false);
    assert.equal((await story.ask(path)).headers['retry-after'], '120');

    await uploaders[1]?.upload(story, 'cat', await picture('red'));
    const there = await why(path);
    assert.deepEqual([there.verdict, there.status, there.cached], ['ok', 200, false]);
    assert.deepEqual(there.original, {
      exists: true,
      version: story.firstVersion + 60,
      format: 'png',
      width: 600,
      height: 400,
    });
    assert.deepEqual(story.runs, []);
  });

  it('names a held error that is out of date, and a way around it', async () => {
    await story.ask(path);
    const bytes = await picture('red');
    const source = async function* () {
      yield bytes;
    };
    const received = await story.originals.receive(source(), { maxBytes: bytes.length });
    const { version } = await story.originals.publish(received, {
      resourceType: 'image',
      publicId: 'cat',
      format: 'png',
    });
    const { verdict, cached, fixes } = await why(path);
    assert.deepEqual([verdict, cached], ['cached_error', true]);
    // Only administrators see the time of the first request.
    const firstAsked = new Date(story.firstVersion * 1000).toISOString();
    assert.ok(!JSON.stringify(await why(path)).includes(firstAsked));
    assert.match(
      String((await why(path, { authorization: basicAuth })).summary),
      new RegExp(`at the first request \\(${firstAsked}\\)`),
    );
    assert.equal(fixes[0]?.url, `/demo/image/upload/c_fill,h_200,w_300/v${version}/cat.jpg`);
  });

  it('distinguishes a wrong version, a wrong transformation and a wrong signature', async () => {
    const { version } = (await uploaders[0]?.upload(story, 'cat', await picture('red'))) ?? { version: 0 };
    const stale = await why(`/demo/image/upload/w_5/v${version + 9}/cat.jpg`);
    assert.deepEqual([stale.verdict, stale.status], ['stale_version', 404]);
    assert.equal(stale.fixes[0]?.url, `/demo/image/upload/c_scale,w_5/v${version}/cat.jpg`);
    assert.equal((await why('/demo/image/upload/w_0/cat.jpg')).verdict, 'bad_transformation');
    assert.equal((await why('/demo/image/upload/s--aaaaaaaa--/cat.jpg')).verdict, 'forbidden');
    await story.ask('/demo/image/upload/w_6000,h_6000/cat.jpg');
    const large = await why('/demo/image/upload/w_6000,h_6000/cat.jpg');
    assert.deepEqual([large.verdict, large.status, large.cached], ['too_large', 400, true]);
    assert.equal((await why('/somewhere/else')).verdict, 'unknown');
  });

  it('points at the wrong part of the URL, and writes the probable URL', async () => {
    const wrong = await why('/demo/image/upload/s--aaaaaaaa--/c_fill,widht_300/v12/cat.jpg?_a=1');
    assert.deepEqual(wrong.mistake, { text: 'c_fill,widht_300', at: 7, piece: 'widht_300', suggestion: 'w_300' });
    assert.deepEqual(wrong.fixes, [
      {
        label: 'Write w_300 for widht_300',
        url: '/demo/image/upload/s--aaaaaaaa--/c_fill,w_300/v12/cat.jpg',
      },
    ]);
    const folder = await why('/demo/image/upload/w_summer/cat.jpg');
    assert.equal(folder.mistake?.piece, 'w_summer');
    assert.deepEqual(folder.fixes, [{ label: 'If "w_summer" is a folder, write v1/ before the public ID.' }]);
    // A name may be known, so it is not the mistake.
    const named = await why('/demo/image/upload/t_any/w_abc/cat.jpg');
    assert.equal(named.mistake?.piece, 'w_abc');
    const unknown = await why('/demo/image/upload/t_any/cat.jpg');
    assert.deepEqual([unknown.verdict, unknown.status], ['bad_transformation', 400]);
    const kind = await why('/demo/images/upload/cat.jpg');
    assert.deepEqual(kind.mistake, { text: '/demo/images/upload/cat.jpg', at: 6, piece: 'images' });
    const text = formatDiagnosis(await why('/demo/image/upload/r_max/c_fill,widht_300/cat.jpg')).split('\n');
    const row = text.findIndex((line) => line.startsWith(' transform '));
    assert.equal(text[row + 1]?.indexOf('^'), text[row]?.indexOf('widht_300'));
  });

  it('says that an upload is under way', async () => {
    await story.ask(path);
    let save: () => void = () => undefined;
    const saved = new Promise<void>((resolve) => {
      save = resolve;
    });
    const saving = story.safelight.saving('cat', () => saved);
    const during = await why(path);
    assert.deepEqual(
      [during.verdict, during.status, during.cached, during.remainingMs],
      ['processing', null, false, null],
    );
    save();
    await saving;
    assert.equal((await why(path)).verdict, 'missing_original');
  });

  it('distinguishes an old version that is delivered from one that does not exist', async () => {
    const first = await uploaders[0]?.upload(story, 'cat', await picture('red'));
    const second = await uploaders[0]?.upload(story, 'cat', await picture('blue'));
    const old = await why(`/demo/image/upload/w_5/v${first?.version}/cat.jpg`);
    assert.deepEqual([old.verdict, old.status], ['stale_version', 200]);
    assert.match(String(old.summary), new RegExp(`newer version, ${second?.version}; .* shows ${first?.version}`));
    assert.equal(old.fixes[0]?.url, `/demo/image/upload/c_scale,w_5/v${second?.version}/cat.jpg`);
    assert.equal((await why(String(old.fixes[0]?.url))).verdict, 'ok');
  });

  it('shows evidence only to clients with the key', async () => {
    await story.ask(path);
    for (const headers of [{}, { authorization: 'Basic eDp5' }, { authorization: basicAuth.slice(0, -1) }])
      assert.deepEqual((await why(path, headers as Record<string, string>)).evidence, {});
    const { evidence } = await why(path, { authorization: basicAuth });
    assert.equal(evidence['code'], 'missing_original');
    assert.equal(evidence['rung'], '1');
    assert.equal(evidence['next_attempt_at'], new Date((story.firstVersion + 60) * 1000).toISOString());
  });

  it('can be asked by our client', async () => {
    assert.equal((await story.client.why(story.origin + path)).verdict, 'missing_original');
    const asset = await story.client.upload(await picture('red'), { publicId: 'cat' });
    assert.equal((await story.client.why(asset.url({ width: 5 }))).verdict, 'ok');
  });

  it('promises no result after the end of a window', async () => {
    await story.end();
    story = await startStory({
      handler: () => async () => {
        throw new Error('broken');
      },
    });
    await uploaders[0]?.upload(story, 'cat', await picture('red'));
    assert.match(String((await why(path)).summary), /^The original exists and no error is held/);
    assert.equal((await story.ask(path)).status, 500);
    const held = await why(path);
    assert.deepEqual([held.verdict, held.status, held.cached], ['handler_failed', 500, true]);
    story.pass(1000);
    const after = await why(path);
    assert.deepEqual([after.verdict, after.status, after.cached], ['handler_failed', null, false]);
    assert.equal(after.remainingMs, null);
    assert.match(String(after.summary), /\. The next request tries it again\.$/);
    assert.deepEqual([after.attempt, after.nextTtlMs], [1, 2000]);
  });

  it('says that a placeholder is sent, and with which status', async () => {
    await story.end();
    story = await startStory({ safelight: { placeholder: 'drawn', placeholderStatus: 200 } });
    const { status } = await story.ask(path);
    const { verdict, status: told, summary } = await why(path);
    assert.deepEqual([verdict, told], ['missing_original', status]);
    assert.match(String(summary), /^"cat" has not been uploaded\. Meanwhile a placeholder is sent\.$/);
  });

  it('works below the mount path of a server', async () => {
    const app = express();
    const server = app.listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { originals, safelight } = story;
      app.use('/media', cloud(safelight, 'mounted', { originals, handler: sharpHandler() }));
      const url = `${origin}/media/mounted/image/upload/w_5/cat.png`;
      assert.equal((await fetch(url)).status, 404);
      assert.equal((await explain(url, { endpoint: `${origin}/media` })).cached, true);
      const { version } = (await uploaders[0]?.upload(story, 'cat', await picture('red'))) ?? { version: 0 };
      await safelight.changed('cat');
      const { fixes } = await explain(url.replace('/cat', '/v12/cat'), { endpoint: `${origin}/media` });
      assert.equal(fixes[0]?.url, `/media/mounted/image/upload/c_scale,w_5/v${version}/cat.png`);
      assert.equal((await fetch(origin + String(fixes[0]?.url))).status, 200);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('refuses a malformed question', async () => {
    assert.equal((await story.ask('/_safelight/why')).status, 400);
    assert.equal((await story.ask(`/_safelight/why?url=${'x'.repeat(5000)}`)).status, 414);
    assert.equal((await story.ask('/_safelight/nothing')).text, 'passed on');
  });

  it('the route of assets tells whether an original exists, and its current version', async () => {
    const status = async (rest: string) => {
      const { status: code, text, headers } = await story.ask(`/_safelight/assets/${rest}`);
      assert.equal(headers['cache-control'], 'no-store');
      return { code, ...(JSON.parse(text) as Record<string, unknown>) };
    };
    assert.deepEqual(await status('image/cat?cloud=demo'), { code: 200, exists: false });
    await uploaders[0]?.upload(story, 'folder/cat', await picture('red'));
    for (const rest of ['image/folder/cat?cloud=demo', 'image/folder%2Fcat']) {
      const { code, exists, public_id: id, version } = { exists: 0, public_id: 0, version: 0, ...(await status(rest)) };
      assert.deepEqual([code, exists, id, version], [200, true, 'folder/cat', story.firstVersion]);
    }
    assert.equal((await status('image/cat?cloud=other')).code, 404);
    for (const rest of ['picture/cat?cloud=demo', 'image/?cloud=demo', 'image/%zz?cloud=demo'])
      assert.equal((await status(rest)).code, 400, rest);
    assert.equal((await story.ask('/demo/image/upload/w_1/cat.png')).headers['retry-after'], '60');
  });
});
