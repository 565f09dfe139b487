import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Store } from '@safelight/core';
import { firstOf } from './gate.ts';
import { picture, shown } from './pictures.ts';
import { basicAuth, type Story, startStory } from './story.ts';
import { uploaders } from './uploaders.ts';

const url = '/demo/image/upload/w_12/cat.png';

describe('many clients, clients that leave, and credentials', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
  });
  afterEach(() => story.end());

  it('more than a thousand requests that wait for one run get 503, which is not held', async () => {
    await uploaders[0]?.upload(story, 'cat', await picture('red'));
    story.runGate.close();
    const asked = Array.from({ length: 1006 }, () => story.ask(url));
    const refused = await firstOf(asked, 5);
    for (const { status, headers, text } of refused) {
      assert.deepEqual([status, headers['x-safelight-error'], headers['cache-control']], [503, 'busy', 'no-store']);
      const seconds = Number(headers['retry-after']);
      assert.ok(seconds >= 1 && seconds <= 5);
      assert.match(text, /Send the request again/);
    }
    story.runGate.open();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.deepEqual([statuses.filter((s) => s === 200).length, statuses.filter((s) => s === 503).length], [1001, 5]);
    assert.equal(story.runs.length, 1);
    assert.equal((await story.ask(url)).status, 200);
  });

  for (const [what, fails] of [
    ['a picture', false],
    ['a missing original', true],
  ] as const) {
    it(`when the first client leaves, the others get the result of the same run: ${what}`, async () => {
      if (!fails) await uploaders[0]?.upload(story, 'cat', await picture('red'));
      const gate = fails ? story.searchGate : story.runGate;
      const searched = story.searches.length;
      gate.close();
      const leaving = new AbortController();
      const leader = story.ask(url, { signal: leaving.signal });
      await gate.waiting(1);
      const others = Array.from({ length: 5 }, () => story.ask(url));
      await story.ask('/demo/image/upload/w_0/cat.png');
      leaving.abort();
      await assert.rejects(leader, { name: 'AbortError' });
      gate.open();
      for (const { status, headers } of await Promise.all(others)) {
        assert.equal(status, fails ? 404 : 200);
        if (fails) assert.match(String(headers['server-timing']), /rung;desc="1"/);
      }
      assert.equal(story.searches.length - searched, 1);
      assert.equal(story.runs.length, fails ? 0 : 1);
    });
  }

  it('when the only client leaves, the failure is recorded as one rung', async () => {
    story.searchGate.close();
    const leaving = new AbortController();
    const asked = story.ask(url, { signal: leaving.signal });
    await story.searchGate.waiting(1);
    leaving.abort();
    await assert.rejects(asked);
    story.searchGate.open();
    const { status, headers } = await story.ask(url);
    assert.equal(status, 404);
    assert.match(String(headers['server-timing']), /rung;desc="1"/);
    assert.deepEqual(story.searches, ['cat']);
  });

  it('credentials change nothing: a delivery does not depend on them', async () => {
    const headers = { authorization: basicAuth };
    for (const expected of [/fwd=uri-miss/, /hit/]) {
      const reply = await story.ask(url, { headers });
      assert.deepEqual([reply.status, reply.headers['x-safelight-error']], [404, 'missing_original']);
      assert.match(String(reply.headers['cache-status']), expected);
    }
    assert.match(String((await story.ask(url)).headers['cache-status']), /hit/);
    assert.equal(story.searches.length, 1);

    await uploaders[0]?.upload(story, 'cat', await picture('red'));
    story.runGate.close();
    const asked = [story.ask(url, { headers }), story.ask(url, { headers }), story.ask(url)];
    await story.runGate.waiting(1);
    story.runGate.open();
    for (const reply of await Promise.all(asked)) {
      assert.equal(reply.headers['cache-control'], 'public, max-age=0, must-revalidate');
      assert.equal((await shown(reply.body)).colour, 'red');
    }
  });

  it('requests get a response although the store loses every mark at once', async () => {
    // A store that is too small for its load: each reading of a mark gives another one. After 500 readings the mark
    // stays, so that an endless loop becomes a failure of this test.
    let reads = 0;
    const mark = () => (reads++ < 500 ? randomUUID() : 'the last one');
    const forgetful: Store = {
      getMany: async (keys) => keys.map((key) => (key.startsWith('g:') ? mark() : undefined)),
      set: async () => true,
      delete: async () => true,
    };
    const lost = await startStory({ safelight: { store: forgetful } });
    try {
      const reply = await lost.ask(url);
      assert.deepEqual([reply.status, reply.headers['x-safelight-error']], [404, 'missing_original']);
      assert.equal(reply.headers['cache-control'], 'no-store');
      assert.ok(lost.searches.length <= 3);
      await uploaders[0]?.upload(lost, 'cat', await picture('red'));
      const there = await lost.ask(url);
      assert.deepEqual([there.status, there.headers['cache-control']], [200, 'no-store']);
    } finally {
      await lost.end();
    }
  });
});
