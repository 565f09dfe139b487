import assert from 'node:assert/strict';
import { createStoreCalls } from '../src/store-calls.ts';

const pauseMs = 1000;

function callsWithClock() {
  let now = 1_800_000_000_000;
  const calls = createStoreCalls({ clock: () => now, callTimeoutMs: 1000, pauseMs, onError: () => undefined });
  return {
    ...calls,
    advance: (ms: number) => {
      now += ms;
    },
    fail: () => calls.callNow(async () => Promise.reject(new Error('down'))),
  };
}

describe('calls to a store that may be down', () => {
  it('an outage ends with a value or a confirmation, not with a refusal', async () => {
    for (const [value, isDown] of [
      [false, true],
      [true, false],
      [[], false],
    ] as const) {
      const calls = callsWithClock();
      await calls.fail();
      await calls.callNow(async () => value);
      assert.equal(calls.isDown(), isDown, String(value));
    }
  });

  it('several failures in a row are one outage', async () => {
    const calls = callsWithClock();
    await calls.fail();
    await calls.callNow(async () => false);
    await calls.fail();
    assert.equal(calls.outages(), 1);
    await calls.callNow(async () => true);
    await calls.fail();
    assert.equal(calls.outages(), 2);
  });

  it('no call is made in the pause, except by `callNow`, whose failure does not lengthen it', async () => {
    const calls = callsWithClock();
    await calls.fail();
    calls.advance(pauseMs - 1);
    assert.equal(await calls.call(async () => 1), undefined);
    await calls.fail();
    calls.advance(1);
    assert.deepEqual(await calls.call(async () => 1), { value: 1 });
  });

  it('the pause ends when the store is ready, and the outage does not', async () => {
    const calls = callsWithClock();
    await calls.fail();
    calls.endPause();
    assert.equal(calls.isDown(), true);
    assert.deepEqual(await calls.call(async () => 1), { value: 1 });
    assert.equal(calls.isDown(), false);
  });

  it('a call that began before the store was ready begins no pause', async () => {
    const calls = callsWithClock();
    const reply = Promise.withResolvers<never>();
    const early = calls.call(() => reply.promise);
    calls.endPause();
    reply.reject(new Error('the connection broke'));
    assert.equal(await early, undefined);
    assert.deepEqual(await calls.call(async () => 1), { value: 1 });
  });

  it('the pause ends when the clock is set back', async () => {
    const calls = callsWithClock();
    await calls.fail();
    calls.advance(-60_000);
    assert.deepEqual(await calls.call(async () => 1), { value: 1 });
  });
});
