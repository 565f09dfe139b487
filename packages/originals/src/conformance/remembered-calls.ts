import assert from 'node:assert/strict';
import type { RememberedCalls } from '@safelight/core';
import { startMs } from './scene.ts';

export interface RememberedCallsUnderTest {
  readonly calls: RememberedCalls;
  /** The same calls in another process; the same object for an implementation that has only one process. */
  readonly elsewhere: RememberedCalls;
}

export interface CallsScene extends RememberedCallsUnderTest {
  /** The time of the clock, which a test may change. */
  readonly time: { nowMs: number };
}

/** Defines a test that gets its own empty calls. */
export type CallsCheck = (title: string, body: (scene: CallsScene) => Promise<void>) => void;

const key = 'ab'.repeat(32);
const minute = 60_000;

function until(state: string, endsAt = startMs + 10 * minute) {
  return { state, endsAt };
}

export function statesConformance(check: CallsCheck): void {
  check('know nothing of a call before its first state', async ({ calls }) => {
    assert.deepEqual(await calls.read(key), { revision: 0, state: undefined });
  });

  check('return the last state, also to another process', async ({ calls, elsewhere }) => {
    assert.equal(await calls.replace(key, 0, until('{"a":1}')), 1);
    assert.deepEqual(await elsewhere.read(key), { revision: 1, state: '{"a":1}' });
    assert.equal(await elsewhere.replace(key, 1, until('ü 2')), 2);
    assert.equal(await elsewhere.replace(key, 2, until('3')), 3);
    assert.deepEqual(await calls.read(key), { revision: 3, state: '3' });
  });

  check('tell calls apart by each digit of their key', async ({ calls }) => {
    for (const other of [`${key.slice(0, -1)}c`, `c${key.slice(1)}`]) {
      await calls.replace(key, (await calls.read(key)).revision, until('one'));
      await calls.replace(other, 0, until('other'));
      assert.deepEqual([(await calls.read(key)).state, (await calls.read(other)).state], ['one', 'other']);
    }
  });

  check('refuse a key that is not a SHA-256 in hex', async ({ calls }) => {
    for (const wrong of ['', 'ab', '../'.repeat(22).slice(0, 64), key.toUpperCase()]) {
      await assert.rejects(calls.read(wrong), TypeError);
      await assert.rejects(calls.replace(wrong, 0, until('')), TypeError);
    }
  });

  check('refuse a state of more than 1 MiB', async ({ calls }) => {
    assert.equal(await calls.replace(key, 0, until('x'.repeat(1_048_576))), 1);
    await assert.rejects(calls.replace(key, 1, until('x'.repeat(1_048_577))), RangeError);
    assert.equal((await calls.read(key)).revision, 1);
  });
}

export function racesConformance(check: CallsCheck): void {
  check('accept one of several first states', async ({ calls, elsewhere }) => {
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, at) => (at % 2 ? calls : elsewhere).replace(key, 0, until(`${at}`))),
    );
    const winners = results.flatMap((revision, at) => (revision === undefined ? [] : [at]));
    assert.equal(winners.length, 1);
    assert.deepEqual(await calls.read(key), { revision: 1, state: `${winners[0]}` });
  });

  check('accept one of several next states, again and again', async ({ calls, elsewhere }) => {
    let revision = await calls.replace(key, 0, until('first'));
    for (let round = 0; round < 10; round += 1) {
      const base = revision ?? 0;
      const results = await Promise.all([calls, elsewhere, calls].map((one) => one.replace(key, base, until('next'))));
      assert.equal(results.filter((result) => result !== undefined).length, 1);
      revision = results.find((result) => result !== undefined);
    }
    assert.equal((await elsewhere.read(key)).revision, 11);
  });

  check('refuse a state that another one has replaced, however long ago', async ({ calls, elsewhere }) => {
    for (const revision of [0, 1, 2, 3]) await calls.replace(key, revision, until(`${revision}`));
    for (const revision of [0, 1, 2, 3]) {
      assert.equal(await elsewhere.replace(key, revision, until('late')), undefined);
    }
    assert.deepEqual(await calls.read(key), { revision: 4, state: '3' });
    assert.equal(await elsewhere.replace(key, 4, until('in time')), 5);
  });
}

export function endsConformance(check: CallsCheck): void {
  check('forget a state at its end, and accept the next one', async ({ calls, elsewhere, time }) => {
    await calls.replace(key, 0, until('old', startMs + minute));
    time.nowMs += minute - 1;
    assert.equal((await calls.read(key)).state, 'old');
    time.nowMs += 1;
    const { revision, state } = await elsewhere.read(key);
    assert.equal(state, undefined);
    assert.ok(await elsewhere.replace(key, revision, until('new', time.nowMs + minute)));
    assert.equal((await calls.read(key)).state, 'new');
  });

  check('forget a state completely, some time after its end', async ({ calls, elsewhere, time }) => {
    await calls.replace(key, 0, until('old', startMs + minute));
    time.nowMs += 60 * minute;
    await elsewhere.replace('cd'.repeat(32), 0, until('another', time.nowMs + minute));
    const { revision, state } = await calls.read(key);
    assert.equal(state, undefined);
    assert.ok(await calls.replace(key, revision, until('new', time.nowMs + minute)));
    assert.equal((await elsewhere.read(key)).state, 'new');
  });
}
