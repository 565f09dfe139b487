import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextTask, retryInMs, spacingMs } from '../../src/image/retry-plan.ts';

describe('the time until a picture is requested again', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });

  it('is never shorter than the announced time, and at most a tenth longer', () => {
    fc.assert(
      fc.property(fc.nat(86_400_000), fc.integer({ min: 1, max: 30 }), random, (remainingMs, failures, random) => {
        const lateMs = retryInMs(remainingMs, failures, random) - remainingMs;
        // Rounding may cost a part of a microsecond.
        assert.ok(lateMs > 149.999 && lateMs < 150.001 + Math.max(remainingMs, 1_000) / 10, `${lateMs}`);
      }),
    );
  });

  it('is short when the announced time is over', () => {
    fc.assert(
      fc.property(fc.integer({ max: 0 }), random, (remainingMs, random) => {
        const waitMs = retryInMs(remainingMs, 1, random);
        assert.ok(waitMs >= 150 && waitMs <= 250, `${waitMs}`);
      }),
    );
  });

  it('is 5 s, doubling to a minute, without an announced time', () => {
    for (const nothing of [undefined, null]) {
      const waits = [1, 2, 3, 4, 5, 6].map((failures) => retryInMs(nothing, failures, 0) - 150);
      assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    }
  });
});

describe('the next request', () => {
  const waiting = fc.array(fc.record({ dueAt: fc.nat(10_000), isSeen: fc.boolean() }));

  it('is the first due request of a visible picture, and not before its time', () => {
    fc.assert(
      fc.property(waiting, fc.nat(10_000), fc.nat(10_000), (all, now, freeAt) => {
        const seen = all.filter(({ isSeen }) => isSeen);
        const next = nextTask(all, { now, free: 1, freeAt });
        assert.equal(next === undefined, seen.length === 0);
        if (next === undefined) return;
        assert.equal(next.task.dueAt, Math.min(...seen.map(({ dueAt }) => dueAt)));
        assert.equal(now + next.inMs, Math.max(now, next.task.dueAt, freeAt));
      }),
    );
  });

  it('does not start while as many run as may run at the same time', () => {
    const one = { dueAt: 0, isSeen: true };
    assert.equal(nextTask([one], { now: 1, free: 0, freeAt: 0 }), undefined);
    assert.equal(nextTask([one], { now: 1, free: 1, freeAt: 0 })?.task, one);
  });

  it('starts every 25 ms when five hundred are due at once', () => {
    const left = new Set(Array.from({ length: 500 }, () => ({ dueAt: 0, isSeen: true })));
    const startedAt: number[] = [];
    let now = 0;
    for (let next = nextTask(left, { now, free: 1, freeAt: 0 }); next !== undefined; ) {
      now += next.inMs;
      left.delete(next.task);
      startedAt.push(now);
      next = nextTask(left, { now, free: 1, freeAt: now + spacingMs });
    }
    assert.equal(startedAt.length, 500);
    assert.ok(startedAt.every((at, index) => index === 0 || at - (startedAt[index - 1] ?? 0) >= 25));
  });
});
