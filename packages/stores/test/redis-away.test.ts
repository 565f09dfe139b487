import assert from 'node:assert/strict';
import { type AwayScene, awayScene } from './away-scene.ts';
import { hasRedisServer } from './redis-server.ts';

const maxStaleMs = 5000;

describe('a guard over a Redis that is away', function () {
  this.timeout(20_000);
  if (!hasRedisServer()) {
    if (process.env['CI'] === undefined) it.skip('not run: there is no redis-server on the PATH to start');
    else it('finds its service', () => assert.fail('there is no redis-server; on CI no test may be skipped'));
    return;
  }

  let scene: AwayScene;
  const setScene = async (count?: number) => {
    scene = await awayScene(count);
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
});
