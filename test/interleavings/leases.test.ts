import assert from 'node:assert/strict';
import { type Derivatives, TransformError } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';
import { leasedStore } from './leased-store.ts';
import { rungOf, type Scene, type SceneOptions, seen, setScene, settle } from './scene.ts';

const minuteMs = 60_000;

/** Three processes that share a store with leases. */
function setLeases(options: SceneOptions = {}): Scene {
  return setScene({ processes: 3, tolerant: true, leased: true, ...options });
}

/** Lets the passed clock run until the outcome is there: a process that waits for a lease polls by timers. */
async function waitedOut<T>(outcome: Promise<T>, advance: (ms: number) => void): Promise<T> {
  const timer = setInterval(() => advance(1000), 5);
  return outcome.finally(() => clearInterval(timer));
}

/** Loses all bytes at once. */
const neverKept: Derivatives = {
  open: () => undefined,
  create: () => assert.fail('create is not expected'),
  remove: async () => {},
};

describe('the store with leases that these tests use', () => {
  storeConformance({
    describe,
    it,
    capabilities: { passedClock: true, extend: true, leases: true },
    create() {
      let now = 1_800_000_000_000;
      const clock = () => now;
      return {
        store: leasedStore(memoryStore({ clock }), clock),
        advance: (ms) => {
          now += ms;
        },
      };
    },
  });
});

describe('leases', () => {
  it('let one process look for a missing original, for all derivations and all processes', async () => {
    const { world, ask, holdSearch } = setLeases();
    const gate = holdSearch();
    const asked = [0, 1, 2].map((at) => ask({ at, derivation: `w_${at}`, isCached: true }));
    await gate.reached;
    await settle();
    gate.open();
    assert.deepEqual((await Promise.all(asked)).map(seen), [
      'missing_original',
      'missing_original',
      'missing_original',
    ]);
    assert.deepEqual(world.searches, ['cat']);
  });

  it('let one process make a derivative, which the others serve', async () => {
    const { world, ask, upload, holdRun } = setLeases();
    await upload();
    const gate = holdRun();
    const asked = [0, 1, 2].map((at) => ask({ at, isCached: true }));
    await gate.reached;
    await settle();
    gate.open();
    assert.deepEqual((await Promise.all(asked)).map(seen).sort(), ['cached', 'cached', 'made']);
    assert.deepEqual(world.runs, ['w_300']);
  });

  for (const isCached of [true, false]) {
    it(`let one process try again after a window, while the others hold the failure (isCached: ${isCached})`, async () => {
      const { world, ask, advance, holdRun } = setLeases();
      const fails = new TransformError('bad_transformation', 'No.');
      await ask({ fails, isCached });
      advance(minuteMs);
      const gate = holdRun();
      const probe = ask({ fails, isCached });
      await gate.reached;
      const others = await Promise.all([1, 2].map((at) => ask({ at, fails, isCached })));
      assert.deepEqual(others.map(rungOf), [1, 1]);
      gate.open();
      assert.equal(rungOf(await probe), 2);
      assert.equal(world.runs.length, 2);
    });
  }

  it('do not let requests wait that other processes cannot help: a success that is not cached', async () => {
    const { world, ask, upload, holdRun } = setLeases();
    await upload();
    const gates = [holdRun(), holdRun(), holdRun()];
    const asked = [0, 1, 2].map((at) => ask({ at }));
    await Promise.all(gates.map(({ reached }) => reached));
    for (const gate of gates) gate.open();
    assert.deepEqual((await Promise.all(asked)).map(seen), ['made', 'made', 'made']);
    assert.equal(world.runs.length, 3);
  });

  it('pass to another process when the holder has died, after the time of a run', async () => {
    const { world, ask, upload, advance, holdRun } = setLeases({ timeoutMs: 10_000 });
    await upload();
    const dead = holdRun();
    void ask({ isCached: true });
    await dead.reached;
    assert.equal(seen(await waitedOut(ask({ at: 1, isCached: true }), advance)), 'busy');
    advance(10_000);
    assert.equal(seen(await ask({ at: 1, isCached: true })), 'made');
    assert.equal(world.runs.length, 2);
  });

  it('drop the late failure of a holder that has stalled', async () => {
    const { world, chaos, ask, upload, advance } = setLeases({ timeoutMs: 10_000 });
    const stalled = chaos.park({ op: 'record', when: 'before' });
    const late = ask({ isCached: true });
    await stalled.reached;
    advance(20_000);
    // Another process takes the lease that has ended, and records the same cause.
    assert.equal(rungOf(await ask({ at: 1, isCached: true })), 1);
    stalled.release();
    assert.equal(rungOf(await late), 1);
    assert.equal(world.searches.length, 2);
    await upload();
    assert.equal(seen(await ask({ at: 2, isCached: true })), 'made');
  });

  it('drop the late failure also after a success, which it would hide', async () => {
    const { world, chaos, ask, advance } = setLeases({ timeoutMs: 10_000 });
    const fails = new TransformError('bad_transformation', 'No.');
    const stalled = chaos.park({ op: 'record', key: /^p:/, when: 'before' });
    world.present.add('cat');
    const late = ask({ isCached: true, fails });
    await stalled.reached;
    advance(20_000);
    assert.equal(seen(await ask({ at: 1, isCached: true })), 'made');
    stalled.release();
    assert.equal(seen(await late), 'cached');
    assert.equal(seen(await ask({ at: 2, isCached: true })), 'cached');
  });

  it('are ended when the reply is lost, so that no other process waits for them', async () => {
    const { chaos, world, ask, upload } = setLeases({ derivatives: neverKept });
    await upload();
    chaos.loseReply({ op: 'take' });
    assert.equal(seen(await ask({ isCached: true })), 'made');
    assert.equal(seen(await ask({ at: 1, isCached: true })), 'made');
    assert.equal(world.runs.length, 2);
  });

  it('are not needed while the store is away: each process runs', async () => {
    const { world, chaos, ask, upload } = setLeases();
    await upload();
    chaos.down();
    const outcomes = await Promise.all([0, 1, 2].map((at) => ask({ at, isCached: true })));
    assert.deepEqual(outcomes.map(seen), ['made', 'made', 'made']);
    assert.equal(world.runs.length, 3);
  });

  it('are not waited for when their holder has left nothing to use', async () => {
    const { world, ask, upload, holdRun } = setLeases({ derivatives: neverKept });
    await upload();
    const gate = holdRun();
    const asked = [0, 1, 2].map((at) => ask({ at, isCached: true }));
    await gate.reached;
    gate.open();
    assert.deepEqual((await Promise.all(asked)).map(seen), ['made', 'made', 'made']);
    assert.equal(world.runs.length, 3);
  });

  it('end a wait as soon as the original arrives', async () => {
    const { world, ask, upload, holdSearch } = setLeases();
    const gate = holdSearch();
    const first = ask({ isCached: true });
    await gate.reached;
    const second = ask({ at: 1, isCached: true });
    await settle();
    await upload('cat', 2);
    assert.equal(seen(await second), 'made');
    gate.open();
    assert.equal(seen(await first), 'cached');
    assert.equal(world.searches.length, 2);
  });
});
