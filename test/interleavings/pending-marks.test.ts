import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { TransformError } from '@safelight/core';
import { type Scene, type SceneOptions, seen, setScene, settle } from './scene.ts';

const cat = 'cat';

function setProcesses(options: SceneOptions = {}): Scene {
  return setScene({ processes: 2, tolerant: true, leased: true, ...options });
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  await settle();
  return Promise.race([promise.then(() => true), Promise.resolve(false)]);
}

describe('an upload that is announced to other processes', () => {
  it('is waited for there, and the request gets the picture', async () => {
    const { guards, ask, upload } = setProcesses();
    const end = guards[0]?.changing(cat);
    await guards[0]?.announce(cat);
    const asked = ask({ at: 1 });
    assert.equal(await isSettled(asked), false);
    await upload();
    end?.();
    assert.equal(seen(await asked), 'made');
  });

  it('frees the failures from before, which are not held during the upload', async () => {
    const { guards, ask, upload, world } = setProcesses();
    assert.equal(seen(await ask({ at: 1 })), 'missing_original');
    const end = guards[0]?.changing(cat);
    await guards[0]?.announce(cat);
    const asked = ask({ at: 1 });
    assert.equal(await isSettled(asked), false);
    await upload();
    end?.();
    assert.equal(seen(await asked), 'made');
    assert.equal(world.searches.length, 3);
  });

  it('records nothing meanwhile, also no failure of a derivation', async () => {
    const { guards, ask, chaos } = setProcesses();
    guards[0]?.changing(cat);
    await guards[0]?.announce(cat);
    const fails = new TransformError('bad_transformation', 'No.');
    const failed = await ask({ at: 1, fails });
    assert.equal(failed.kind === 'failed' && failed.failure, undefined);
    assert.deepEqual(
      chaos.calls.filter(({ op, keys }) => op === 'record' || (op === 'set' && !keys[0]?.startsWith('g:'))),
      [],
    );
  });

  it('is waited for as long as a request may wait; then it is "pending", which is not held', async () => {
    const { guards, ask, advance, upload } = setProcesses({ timeoutMs: 10_000, maxPendingMs: 300 });
    const end = guards[0]?.changing(cat);
    await guards[0]?.announce(cat);
    const asked = ask({ at: 1 });
    const timer = setInterval(() => advance(50), 10);
    const outcome = await asked.finally(() => clearInterval(timer));
    assert.equal(seen(outcome), 'pending');
    await upload();
    end?.();
    assert.equal(seen(await ask({ at: 1 })), 'made');
  });

  it('ends at once when it fails: the requests get "missing"', async () => {
    const { guards, ask } = setProcesses();
    const end = guards[0]?.changing(cat);
    await guards[0]?.announce(cat);
    const asked = ask({ at: 1 });
    assert.equal(await isSettled(asked), false);
    end?.();
    assert.equal(seen(await asked), 'missing_original');
  });

  it('ends after 30 seconds when its process dies', async () => {
    const { guards, ask, advance } = setProcesses();
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      guards[0]?.changing(cat);
      await guards[0]?.announce(cat);
      advance(29_000);
      assert.equal(await isSettled(ask({ at: 1 })), false);
      advance(1_001);
      assert.equal(seen(await ask({ at: 1 })), 'missing_original');
    } finally {
      mock.timers.reset();
    }
  });

  it('writes a fresh mark every 10 seconds, and none after the mark of the change', async () => {
    const { guards, chaos, upload } = setProcesses();
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const end = guards[0]?.changing(cat);
      await guards[0]?.announce(cat);
      for (let beat = 0; beat < 2; beat += 1) {
        mock.timers.tick(10_000);
        await settle();
      }
      // The last beat is slow: the change waits for it.
      const slow = chaos.park({ op: 'set', when: 'before' });
      mock.timers.tick(10_000);
      await slow.reached;
      const uploaded = upload();
      assert.equal(await isSettled(uploaded), false);
      slow.release();
      await uploaded;
      mock.timers.tick(60_000);
      await settle();
      end?.();
      await settle();
      const marks = chaos.calls.filter(({ op }) => op === 'set').map(({ value }) => String(value));
      assert.equal(new Set(marks).size, 5);
      assert.deepEqual(
        marks.map((mark) => mark.startsWith('~')),
        [true, true, true, true, false],
      );
    } finally {
      mock.timers.reset();
    }
  });

  it('is refused when the store does not confirm it', async () => {
    const { guards, chaos } = setProcesses();
    const end = guards[0]?.changing(cat);
    chaos.down();
    await assert.rejects(guards[0]?.announce(cat) ?? Promise.resolve(), { code: 'store_unavailable' });
    chaos.up();
    end?.();
  });

  it('writes nothing after its end, and nothing for a store in this process', async () => {
    const shared = setProcesses();
    shared.guards[0]?.changing(cat)();
    await shared.guards[0]?.announce(cat);
    assert.deepEqual(shared.chaos.calls, []);
    const local = setScene();
    local.guards[0]?.changing(cat);
    await local.guards[0]?.announce(cat);
    assert.deepEqual(local.chaos.calls, []);
  });
});
