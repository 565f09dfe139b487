import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { TransformError } from '@safelight/core';
import type { ChaosMatch } from '@safelight/stores/chaos';
import { rungOf, type Scene, seen, setScene, settle } from './scene.ts';

const maxStaleMs = 5000;
const pauseMs = 1000;
const minuteMs = 60_000;
const write: ChaosMatch = { op: 'set', key: /^[apt]:/ };

/** Processes with a local fallback each. */
function tolerantScene(processes = 1): Scene {
  return setScene({ processes, tolerant: true });
}

function refusesToAcknowledge(error: unknown): boolean {
  return TransformError.is(error) && error.code === 'store_unavailable' && error.retryAfterMs !== undefined;
}

describe('while the store cannot be reached', () => {
  it('deliveries continue, and no cache may store them', async () => {
    const { ask, world, chaos } = tolerantScene();
    chaos.down();
    const missing = await ask();
    assert.equal(missing.kind === 'failed' && missing.storable, false);
    world.present.add('dog');
    const made = await ask({ assets: ['dog'] });
    assert.equal(made.kind === 'made' && made.storable, false);
  });

  for (const reply of ['reject', 'false'] as const) {
    it(`no delivery fails, for any call to the store that fails (${reply})`, async () => {
      const calm = tolerantScene();
      calm.world.present.add('cat');
      await calm.ask();
      for (let nth = 1; nth <= calm.chaos.calls.length; nth += 1) {
        const { ask, world, chaos } = tolerantScene();
        world.present.add('cat');
        chaos.drop({ nth, reply });
        assert.equal(seen(await ask()), 'made', `call ${nth}`);
        assert.equal(seen(await ask({ derivation: 'w_2' })), 'made', `call ${nth}`);
      }
    });
  }

  it('no delivery waits longer than a second for the store', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { ask, chaos, world } = tolerantScene();
      world.present.add('cat');
      const stuck = chaos.park({ when: 'before' });
      const slow = ask();
      await stuck.reached;
      mock.timers.tick(1000);
      assert.equal(seen(await slow), 'made');
      stuck.release();
    } finally {
      mock.timers.reset();
    }
  });

  it('a process protects itself: one attempt, held for maxStaleMs and no longer', async () => {
    const { ask, chaos, world, advance } = tolerantScene();
    chaos.down();
    for (let request = 0; request < 10; request += 1) assert.equal(seen(await ask()), 'missing_original');
    assert.equal(world.searches.length, 1);
    advance(maxStaleMs);
    assert.equal(seen(await ask()), 'missing_original');
    assert.equal(world.searches.length, 2);
  });

  it('a refused write does not end the outage, so that changes do not end the protection', async () => {
    const { ask, upload, chaos, world, advance } = tolerantScene();
    // A client that is offline: reads reject, writes give `false`.
    chaos.drop({ op: 'getMany', times: Infinity, reply: 'reject' });
    chaos.drop({ op: 'set', times: Infinity, reply: 'false' });
    for (let request = 0; request < 50; request += 1) {
      assert.equal(seen(await ask()), 'missing_original');
      await assert.rejects(upload('dog'), refusesToAcknowledge);
      advance(maxStaleMs / 50);
    }
    assert.equal(world.searches.length, 1);
  });

  it('changes that fail do not prevent reads after the pause', async () => {
    const { ask, upload, chaos, advance } = tolerantScene();
    assert.equal(rungOf(await ask()), 1);
    chaos.drop({ op: 'set', key: /^g:/, times: Infinity, reply: 'reject' });
    await assert.rejects(upload('dog'), refusesToAcknowledge);
    advance(pauseMs / 2);
    await assert.rejects(upload('dog'), refusesToAcknowledge);
    advance(pauseMs / 2);
    const held = await ask();
    assert.equal(held.kind === 'failed' && held.storable, true);
  });

  it('a failure with a window of hours is held for maxStaleMs at most', async () => {
    const { ask, chaos, world, advance } = tolerantScene();
    for (let rung = 1; rung <= 9; rung += 1) {
      const held = await ask();
      advance(held.kind === 'failed' ? held.remainingMs : 0);
    }
    const held = await ask();
    assert.ok(held.kind === 'failed' && held.remainingMs > 3 * 60 * minuteMs);
    chaos.down();
    await ask();
    world.present.add('cat');
    advance(maxStaleMs);
    assert.equal(seen(await ask()), 'made');
  });

  it('a change is refused, counts in its own process at once, and is tried again until it is written', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { ask, upload, chaos, advance } = tolerantScene(2);
      assert.equal(seen(await ask({ at: 1 })), 'missing_original');
      chaos.down();
      assert.equal(seen(await ask()), 'missing_original');
      await assert.rejects(upload(), refusesToAcknowledge);
      assert.equal(seen(await ask()), 'made');
      chaos.up();
      for (let second = 0; second < 10; second += 1) {
        advance(pauseMs);
        mock.timers.tick(pauseMs);
        await settle();
      }
      assert.equal(seen(await ask({ at: 1 })), 'made');
    } finally {
      mock.timers.reset();
    }
  });

  it('a change is also refused when the store replies but does not confirm', async () => {
    const { upload, chaos } = tolerantScene();
    chaos.drop({ op: 'set', key: /^g:/, times: 2, reply: 'false' });
    await assert.rejects(upload(), refusesToAcknowledge);
    await upload();
  });
});

describe('the time for which a process without the store may be behind', () => {
  it('counts from the start of the run, even of a long one', async () => {
    const { ask, chaos, world, advance, holdSearch } = tolerantScene();
    chaos.down();
    const search = holdSearch();
    const slow = ask();
    await search.reached;
    world.present.add('cat');
    advance(maxStaleMs);
    search.open();
    await slow;
    assert.equal(seen(await ask()), 'made');
  });

  it('counts for a request that would join an earlier run', async () => {
    const { ask, chaos, world, advance, holdSearch } = tolerantScene();
    chaos.down();
    const search = holdSearch();
    const slow = ask();
    await search.reached;
    world.present.add('cat');
    advance(maxStaleMs);
    const late = ask();
    await settle();
    search.open();
    await slow;
    assert.equal(seen(await late), 'made');
  });

  it('counts for a request that would get the held response during a probe', async () => {
    const { ask, chaos, world, advance, holdSearch } = tolerantScene();
    chaos.down();
    await ask();
    advance(maxStaleMs);
    world.present.add('cat');
    const search = holdSearch();
    const probe = ask();
    await search.reached;
    const late = ask();
    search.open();
    await probe;
    assert.equal(seen(await late), 'made');
  });

  it('counts for a run of another derivation that joins the look-up', async () => {
    const { ask, chaos, world, advance, holdSearch } = tolerantScene();
    chaos.down();
    const search = holdSearch();
    const slow = ask();
    await search.reached;
    advance(maxStaleMs - 1);
    const joined = ask({ derivation: 'w_2' });
    await settle();
    world.present.add('cat');
    advance(1);
    search.open();
    await Promise.all([slow, joined]);
    assert.equal(seen(await ask({ derivation: 'w_2' })), 'made');
  });
});

describe('when the store can be reached again', () => {
  it('it is used again without a call, and its failures count as before', async () => {
    const { ask, chaos, advance, world } = tolerantScene();
    await ask();
    chaos.down();
    await ask();
    chaos.up();
    advance(pauseMs);
    const held = await ask();
    assert.equal(held.kind === 'failed' && held.source, 'held');
    assert.equal(held.kind === 'failed' && held.remainingMs, minuteMs - pauseMs);
    assert.equal(held.kind === 'failed' && held.storable, true);
    assert.equal(world.searches.length, 2);
  });

  it('no record of the local fallback is written into it', async () => {
    const { ask, chaos, advance, world, holdSearch } = tolerantScene(2);
    chaos.down();
    const search = holdSearch();
    const early = ask();
    await search.reached;
    chaos.up();
    advance(pauseMs);
    world.present.add('cat');
    search.open();
    assert.equal(seen(await early), 'made');
    const failures = [...(await chaos.snapshot()).keys()].filter((key) => !key.startsWith('g:'));
    assert.deepEqual(failures, []);
    assert.equal(seen(await ask({ at: 1 })), 'made');
  });

  it('a failure found in one outage is not held in the next', async () => {
    const { ask, chaos, advance, world } = tolerantScene();
    chaos.down();
    await ask();
    chaos.up();
    advance(pauseMs);
    world.present.add('cat');
    assert.equal(seen(await ask()), 'made');
    chaos.down();
    assert.equal(seen(await ask({ derivation: 'w_2' })), 'made');
  });
});

describe('a record that the store did not confirm', () => {
  for (const reply of ['reject', 'false'] as const) {
    it(`is held in the process, where it counts and climbs (${reply})`, async () => {
      const { ask, chaos, advance, world } = tolerantScene();
      assert.equal(rungOf(await ask()), 1);
      chaos.drop({ ...write, times: Number.POSITIVE_INFINITY, reply });
      advance(minuteMs);
      await ask();
      advance(pauseMs);
      const attempts = world.searches.length;
      for (let request = 0; request < 10; request += 1) assert.equal(rungOf(await ask()), 2);
      assert.equal(world.searches.length, attempts);
      advance(2 * minuteMs);
      await ask();
      advance(pauseMs);
      assert.equal(rungOf(await ask()), 3);
    });

    it(`counts only under its stamp (${reply})`, async () => {
      const { ask, upload, chaos, advance } = tolerantScene(2);
      chaos.drop({ ...write, reply });
      await ask();
      advance(pauseMs);
      await upload('cat', 1);
      assert.equal(seen(await ask()), 'made');
    });
  }

  it('is replaced by the next record that is confirmed', async () => {
    const { ask, chaos, advance } = tolerantScene(2);
    chaos.drop({ ...write, reply: 'false' });
    await ask();
    advance(minuteMs);
    assert.equal(rungOf(await ask()), 2);
    assert.equal(rungOf(await ask({ at: 1 })), 2);
    advance(2 * minuteMs);
    assert.equal(rungOf(await ask({ at: 1 })), 3);
    assert.equal(rungOf(await ask()), 3);
  });
});

describe('a first mark that the store refuses', () => {
  /** A store that is full or read-only: reads succeed. */
  function fullScene(processes = 1): Scene {
    const scene = tolerantScene(processes);
    scene.chaos.drop({ op: 'set', times: Infinity, reply: 'false' });
    return scene;
  }

  it('is held in the process for maxStaleMs and no longer: one attempt, and no cache may store the failure', async () => {
    const { ask, world, advance } = fullScene();
    for (let request = 0; request < 10; request += 1) {
      const outcome = await ask();
      assert.deepEqual([seen(outcome), outcome.kind === 'failed' && outcome.storable], ['missing_original', false]);
      advance(maxStaleMs / 10);
    }
    assert.equal(world.searches.length, 1);
    assert.equal(seen(await ask()), 'missing_original');
    assert.equal(world.searches.length, 2);
  });

  it('is not used any more when the store has a mark', async () => {
    const { ask, world, chaos, guards } = tolerantScene(2);
    chaos.drop({ op: 'set', times: 3, reply: 'false' });
    assert.equal(seen(await ask()), 'missing_original');
    world.present.add('cat');
    await guards[1]?.changed('cat');
    assert.equal(seen(await ask()), 'made');
    // The held mark does not come back when the mark of the change is evicted.
    await chaos.forget(/^g:/);
    assert.equal(seen(await ask()), 'made');
  });

  it('hides a confirmed change of another process, after the eviction of its mark, for maxStaleMs at most', async () => {
    const { ask, world, chaos, guards, advance } = tolerantScene(2);
    chaos.drop({ op: 'set', times: 3, reply: 'false' });
    assert.equal(seen(await ask()), 'missing_original');
    world.present.add('cat');
    await guards[1]?.changed('cat');
    await chaos.forget(/^g:/);
    advance(maxStaleMs);
    assert.equal(seen(await ask()), 'made');
  });

  it('ends at once with a change in its own process, even if the store refuses the change', async () => {
    const { ask, upload } = fullScene();
    assert.equal(seen(await ask()), 'missing_original');
    await assert.rejects(upload(), refusesToAcknowledge);
    assert.equal(seen(await ask()), 'made');
  });

  it('does not last when the clock is set back', async () => {
    const { ask, world, advance } = fullScene();
    await ask();
    advance(-60 * minuteMs);
    world.present.add('cat');
    assert.equal(seen(await ask()), 'made');
  });
});
