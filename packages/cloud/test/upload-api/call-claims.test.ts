import assert from 'node:assert/strict';
import type { RememberedCalls } from '@safelight/core';
import { ApiError } from '../../src/upload-api/api-error.ts';
import { type CallClaims, createCallClaims } from '../../src/upload-api/call-claims.ts';
import { createRunInOneProcess } from '../../src/upload-api/run-in-one-process.ts';

/** Two processes, which share calls and a clock. */
function scene() {
  const states = new Map<string, { revision: number; state: string }>();
  const time = { now: 1_000_000, isDown: false };
  const faults: unknown[] = [];
  const calls: RememberedCalls = {
    async read(key) {
      if (time.isDown) throw new Error('EIO');
      return states.get(key) ?? { revision: 0, state: undefined };
    },
    async replace(key, revision, { state }) {
      if (time.isDown) throw new Error('EIO');
      if ((states.get(key)?.revision ?? 0) !== revision) return undefined;
      states.set(key, { revision: revision + 1, state });
      return revision + 1;
    },
  };
  const claims = (): CallClaims =>
    createCallClaims({ calls, clock: () => time.now, onError: (error) => faults.push(error) });
  return { one: claims(), two: claims(), time, faults, states };
}

async function runOf(claims: CallClaims, fingerprint = 'f') {
  const claim = await claims.claim('call', fingerprint, 0);
  assert.equal(claim.kind, 'run');
  assert.ok(claim.kind === 'run');
  return claim.run;
}

describe('a claim of a call', () => {
  it('is one, until it ends; then the response is there for ten minutes', async () => {
    const { one, two, time } = scene();
    const run = await runOf(one);
    assert.deepEqual(await two.claim('call', 'f', 30), { kind: 'busy' });
    await run.end({ response: { a: 1 } });
    time.now += 599_999;
    assert.deepEqual(await two.claim('call', 'f', 0), { kind: 'respond', response: { a: 1 } });
    assert.deepEqual(await two.claim('call', 'other', 0), { kind: 'refuse' });
    time.now += 1;
    await (await runOf(two, 'other')).end({});
  });

  it('refuses another call while it runs, and after a run that has changed something', async () => {
    const { one, two } = scene();
    const run = await runOf(one);
    assert.deepEqual(await two.claim('call', 'other', 0), { kind: 'refuse' });
    await run.end({ isFree: false });
    assert.deepEqual(await two.claim('call', 'other', 0), { kind: 'refuse' });
  });

  it('accepts another call, with another seed, after a run that has changed nothing', async () => {
    const { one, two } = scene();
    const run = await runOf(one);
    await run.end({ isFree: true });
    const other = await runOf(two, 'other');
    assert.deepEqual([other.isInherited, other.seed === run.seed], [false, false]);
    await other.end({});
  });

  it('ends when its process has ended; the next run has its seed and its steps', async () => {
    const { one, two, time } = scene();
    const dead = await runOf(one);
    await dead.write({ steps: { renamed: 1 } });
    time.now += 3_999;
    assert.deepEqual(await two.claim('call', 'f', 0), { kind: 'busy' });
    time.now += 1;
    const next = await runOf(two);
    assert.deepEqual([next.isInherited, next.seed, next.steps], [true, dead.seed, { renamed: 1 }]);
    // The first process had only stalled. It cannot change the state any more.
    await dead.end({ response: 'late' });
    assert.deepEqual(await one.claim('call', 'f', 0), { kind: 'busy' });
    await next.end({ response: 'in time' });
    assert.deepEqual(await one.claim('call', 'f', 0), { kind: 'respond', response: 'in time' });
  });

  it('is renewed while its process runs the call', async function () {
    this.timeout(10_000);
    const { one, two, time, states } = scene();
    const run = await runOf(one);
    time.now += 3_500;
    const before = [...states.values()][0]?.revision;
    while ([...states.values()][0]?.revision === before) await new Promise((resolve) => setTimeout(resolve, 50));
    time.now += 3_500;
    assert.deepEqual(await two.claim('call', 'f', 0), { kind: 'busy' });
    await run.end({});
  });

  it('is not possible while the storage fails, which is reported once', async () => {
    const { one, time, faults } = scene();
    time.isDown = true;
    for (let at = 0; at < 3; at += 1) assert.deepEqual(await one.claim('call', 'f', 0), { kind: 'unavailable' });
    assert.equal(faults.length, 1);
    assert.match(String(faults[0]), /Remembered calls cannot be read or written/);
    time.isDown = false;
    const run = await runOf(one);
    time.isDown = true;
    await run.end({});
    assert.equal(faults.length, 2);
  });

  it('that another process has for too long is a 409 with Retry-After', async () => {
    const waits: number[] = [];
    const run = createRunInOneProcess<string, object>({
      async claim(_name, _fingerprint, waitMs) {
        waits.push(waitMs);
        return { kind: 'busy' };
      },
    });
    await assert.rejects(
      run({ key: 'k', fingerprint: 'f' }, {}, async () => assert.fail('It ran twice')),
      (error) => error instanceof ApiError && error.status === 409 && error.headers['retry-after'] === '2',
    );
    assert.deepEqual(waits, [5_000]);
  });
});
