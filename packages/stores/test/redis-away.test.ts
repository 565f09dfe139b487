import assert from 'node:assert/strict';
import { missingService } from '../../../test/servers/missing-service.ts';
import { type AwayProcess, type AwayScene, type AwaySceneOptions, awayScene } from './away-scene.ts';
import { hasRedisServer } from './redis-server.ts';

const maxStaleMs = 5000;

describe('a guard over a Redis that is away', function () {
  this.timeout(20_000);
  if (!hasRedisServer()) {
    return missingService('there is no redis-server on the PATH to start');
  }

  let scene: AwayScene;
  const setScene = async (processes = 1, options: AwaySceneOptions = {}) => {
    scene = await awayScene({ processes, ...options });
    return { ...scene, process: scene.processes[0] as AwayScene['processes'][number] };
  };
  afterEach(() => scene.close());

  it('stopped: one attempt in each period of maxStaleMs, with changes of another asset beside it', async () => {
    const { process, stop, advance } = await setScene();
    await process.ask();
    await stop();
    process.attempts = 0;
    for (let request = 0; request < 60; request += 1) {
      assert.equal((await process.ask()).kind, 'failed');
      if (request % 3 === 0) await assert.rejects(process.guard.changed('dog'));
      advance(100);
    }
    // 6 s are two periods, or three if the outage begins inside of one.
    assert.ok(process.attempts <= Math.ceil(6000 / maxStaleMs) + 1, `${process.attempts} attempts`);
  });

  /** Sends 60 requests for a new missing asset in 6 s. @returns the number of attempts */
  async function attemptsInSixSeconds({ processes, advance }: AwayScene, asset: string): Promise<number> {
    const before = processes.map(({ attempts }) => attempts);
    for (let request = 0; request < 60; request += 1) {
      const process = processes[request % processes.length] as AwayScene['processes'][number];
      const outcome = await process.ask(asset);
      // No cache may store a failure under a mark that only one process has.
      assert.ok(outcome.kind === 'failed' && !outcome.storable);
      advance(100);
    }
    return processes.reduce((sum, { attempts }, i) => sum + attempts - (before[i] as number), 0);
  }
  const maxAttempts = Math.ceil(6000 / maxStaleMs) + 1;

  const refusing = [
    ['full', (redis: AwayProcess['client']) => redis.sendCommand(['CONFIG', 'SET', 'maxmemory', '1'])],
    ['read-only', (redis: AwayProcess['client']) => redis.sendCommand(['REPLICAOF', '127.0.0.1', '1'])],
  ] as const;
  for (const isRedisStore of [false, true]) {
    for (const [state, make] of refusing) {
      const kind = isRedisStore ? 'redisStore' : 'keyvStore';
      it(`${state}: a new missing asset is looked up once in each period of maxStaleMs (${kind})`, async () => {
        const { process, processes } = await setScene(2, { isRedisStore });
        await make(process.client);
        const attempts = await attemptsInSixSeconds(scene, 'cat');
        assert.ok(attempts <= processes.length * maxAttempts, `${attempts} attempts`);
      });
    }
  }

  it('full: a change through another process counts as soon as there is room', async () => {
    const { processes, process, present } = await setScene(2);
    await process.client.sendCommand(['CONFIG', 'SET', 'maxmemory', '1']);
    assert.equal((await process.ask()).kind, 'failed');
    await process.client.sendCommand(['CONFIG', 'SET', 'maxmemory', '0']);
    present.add('cat');
    await processes[1]?.guard.changed('cat');
    assert.equal((await process.ask()).kind, 'made');
  });

  it('back: a change through another process counts at once, also during the pause after a failed call', async () => {
    const { processes, process, present, stop, start } = await setScene(3);
    await stop();
    // The clock stands still, so the pause does not end by itself.
    for (const { ask } of processes) assert.equal((await ask()).kind, 'failed');
    await start();
    present.add('cat');
    await process.guard.changed('cat');
    for (const { ask } of processes) {
      const outcome = await ask();
      assert.deepEqual([outcome.kind, outcome.kind === 'made' && outcome.storable], ['made', true]);
    }
  });

  it('back, and down again before the next call: the process protects itself', async () => {
    const { process, stop, start } = await setScene();
    await stop();
    await process.ask();
    await start();
    await stop();
    process.attempts = 0;
    for (let request = 0; request < 10; request += 1) assert.equal((await process.ask()).kind, 'failed');
    assert.ok(process.attempts <= 1, `${process.attempts} attempts`);
  });
});
