import assert from 'node:assert/strict';
import { firstOf } from './gate.ts';
import { type Story, startStory } from './story.ts';

const windows = [60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, 30_720, 61_440, 86_400, 86_400, 86_400];
const paths = Array.from({ length: 10 }, (_, n) => `/demo/image/upload/w_${n + 1}/cat.jpg`);
const url = paths[0] as string;

describe('the windows of a missing original', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
  });
  afterEach(() => story.end());

  const rungOf = (timing: unknown) => Number(/rung;desc="(\d+)"/.exec(String(timing))?.[1]);

  it('double up to a day, each with one look-up at its end', async () => {
    for (const [index, seconds] of windows.entries()) {
      const { headers } = await story.ask(paths[index % paths.length] as string);
      assert.equal(headers['retry-after'], String(seconds));
      assert.equal(rungOf(headers['server-timing']), index + 1);
      assert.match(String(headers['cache-status']), /fwd=uri-miss/);
      assert.match(String(headers['cache-control']), /s-maxage=60,/);
      assert.equal(story.searches.length, index + 1);
      story.pass(seconds * 1000 - 1);
      const late = await story.ask(url);
      assert.deepEqual([late.headers['retry-after'], rungOf(late.headers['server-timing'])], ['1', index + 1]);
      assert.match(String(late.headers['cache-status']), /; hit;/);
      story.pass(1);
    }
    assert.equal(story.searches.length, windows.length);
  });

  it('start again after a quiet period', async () => {
    for (const [seconds, rung] of [
      [60 + 599, 1],
      [120 + 600, 2],
      [0, 1],
    ] as const) {
      const { headers } = await story.ask(url);
      assert.equal(rungOf(headers['server-timing']), rung);
      story.pass(seconds * 1000);
    }
  });

  it('do not get longer when the clock is set back', async () => {
    await story.ask(url);
    story.pass(-3_600_000);
    assert.equal((await story.ask(url)).headers['retry-after'], '60');
  });

  it('end with one probe, for which no other request waits', async () => {
    for (const [round, expected] of [
      [1, 120],
      [2, 240],
    ] as const) {
      if (round === 1) await story.ask(url);
      story.pass(round * 60_000);
      const before = story.searches.length;
      story.searchGate.close();
      const asked = Array.from({ length: 200 }, (_, n) => story.ask(paths[n % paths.length] as string));
      const others = await firstOf(asked, 199);
      assert.equal(story.searches.length, before + 1);
      for (const { status, headers } of others) {
        assert.equal(status, 404);
        assert.match(String(headers['cache-status']), /; hit;/);
        assert.deepEqual([rungOf(headers['server-timing']), headers['retry-after']], [round, '1']);
      }
      story.searchGate.open();
      const probe = (await Promise.all(asked)).filter(({ headers }) => /fwd=/.test(String(headers['cache-status'])));
      assert.equal(probe.length, 1);
      assert.equal(probe[0]?.headers['retry-after'], String(expected));
      assert.equal((await story.ask(url)).headers['retry-after'], String(expected));
      assert.equal(story.searches.length, before + 1);
    }
  });

  it('cost one look-up for many requests for a hundred derivations', async () => {
    story.searchGate.close();
    const asked = Array.from({ length: 1000 }, (_, n) => story.ask(`/demo/image/upload/w_${(n % 100) + 1}/cat.jpg`));
    await story.searchGate.waiting(1);
    // A later request that needs no look-up gets its response after the server has read the others.
    await story.ask('/demo/image/upload/w_0/cat.jpg');
    story.searchGate.open();
    const replies = await Promise.all(asked);
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [404]);
    assert.deepEqual(
      [...new Set(replies.map(({ headers }) => `${headers['retry-after']} ${rungOf(headers['server-timing'])}`))],
      ['60 1'],
    );
    assert.deepEqual(story.searches, ['cat']);
    assert.deepEqual(story.runs, []);
  });
});
