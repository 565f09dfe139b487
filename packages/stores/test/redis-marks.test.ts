import assert from 'node:assert/strict';
import { missingService } from '../../../test/servers/missing-service.ts';
import { type AwayProcess, type AwayScene, type AwaySceneOptions, awayScene } from './away-scene.ts';
import { hasRedisServer } from './redis-server.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const timeoutMs = 30_000;
const quietMs = 10 * minuteMs;
const mark = 'g:{cat}';

describe('how long a mark lives in Redis', function () {
  this.timeout(20_000);
  if (!hasRedisServer()) {
    return missingService('there is no redis-server on the PATH to start');
  }

  let scene: AwayScene;
  const setScene = async (options?: AwaySceneOptions) => {
    scene = await awayScene(options);
    return { ...scene, process: scene.processes[0] as AwayProcess };
  };
  afterEach(() => scene.close());

  /** Asserts how long the mark of the cat lives. A few seconds may have passed since it was written. */
  async function assertLife({ client }: AwayProcess, ms: number): Promise<void> {
    const lifeMs = await client.pTTL(mark);
    assert.ok(lifeMs <= ms && lifeMs > ms - 10_000, `${lifeMs} ms, not ${ms} ms`);
  }

  it('the mark of a missing asset lives as long as its failure and one run', async () => {
    const { process } = await setScene();
    assert.equal((await process.ask()).kind, 'failed');
    await assertLife(process, minuteMs + quietMs + timeoutMs);
  });

  it('a longer failure lengthens the life of the same mark', async () => {
    const { process, advance } = await setScene();
    await process.ask();
    const before = await process.store.getMany([mark]);
    for (let rung = 1; rung <= 4; rung += 1) {
      advance(minuteMs * 2 ** (rung - 1));
      await process.ask();
    }
    assert.equal(process.attempts, 5);
    await assertLife(process, 16 * minuteMs + 16 * minuteMs + timeoutMs);
    assert.deepEqual(await process.store.getMany([mark]), before);
  });

  it('a cached derivative lengthens it to 30 days', async () => {
    const { process, present } = await setScene();
    present.add('cat');
    assert.equal((await process.ask('cat', { isCached: true })).kind, 'made');
    // The response does not wait for the record.
    while ((await process.client.pTTL(mark)) < dayMs) await new Promise(setImmediate);
    await assertLife(process, 30 * dayMs + timeoutMs);
  });

  it('the mark of a change lives for 30 days, and a failure under it does not shorten it', async () => {
    const { process } = await setScene();
    await process.guard.changed('cat');
    await process.ask();
    await assertLife(process, 30 * dayMs);
  });

  it('without the client, the mark lives as long as the longest possible failure and one run', async () => {
    const { process } = await setScene({ hasClient: false });
    await process.ask();
    await assertLife(process, 2 * dayMs + timeoutMs);
  });

  it('a thousand random names leave nothing that lives longer than 12 minutes', async () => {
    const { process } = await setScene();
    await Promise.all(Array.from({ length: 1000 }, (_, i) => process.ask(`random-${i}`)));
    const keys = await process.client.keys('*');
    assert.equal(keys.length, 2000);
    const lives = await Promise.all(keys.map((key) => process.client.pTTL(key)));
    assert.ok(
      lives.every((lifeMs) => lifeMs > 0 && lifeMs < 12 * minuteMs),
      `${Math.max(...lives)} ms`,
    );
  });
});
