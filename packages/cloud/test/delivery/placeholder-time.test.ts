import assert from 'node:assert/strict';
import { createOneAtATime } from '../../src/delivery/one-at-a-time.ts';
import { createTimeBudget } from '../../src/delivery/time-budget.ts';

describe('the time for placeholders', () => {
  it('is reserved at the beginning, and corrected at the end', () => {
    let time = 0;
    const budget = createTimeBudget({ share: 0.1, burstMs: 100, reservedMs: 40, now: () => time });
    const [first, second] = [budget.begin(), budget.begin()];
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(budget.begin(), undefined, '20 ms are left');
    first(10);
    assert.ok(budget.begin() !== undefined, '50 ms are left');
    second(300);
    time = 2_000;
    assert.equal(budget.begin(), undefined, 'work that took long is paid for');
    time = 1e9;
    const most = Array.from({ length: 5 }, () => budget.begin()).filter((end) => end !== undefined);
    assert.equal(most.length, 2, 'a pause saves no more than the burst');
  });
});

describe('one at a time', () => {
  const never = new AbortController().signal;

  it('the next task begins when the one before has ended or failed', async () => {
    const oneAtATime = createOneAtATime(10);
    const order: string[] = [];
    const tasks = ['a', 'b', 'c'].map((name) =>
      oneAtATime(async () => {
        order.push(`begin ${name}`);
        await new Promise(setImmediate);
        order.push(`end ${name}`);
        if (name === 'b') throw new Error('b fails');
        return name;
      }, never),
    );
    assert.deepEqual(
      (await Promise.allSettled(tasks)).map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
      ['a', 'failed', 'c'],
    );
    assert.deepEqual(order, ['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
  });

  it('a task whose signal aborts gives its turn away, and does not begin if it waits', async () => {
    const oneAtATime = createOneAtATime(10);
    const [hanging, waiting] = [new AbortController(), new AbortController()];
    const begun: string[] = [];
    void oneAtATime(() => new Promise(() => begun.push('hangs')), hanging.signal);
    const second = oneAtATime(async () => begun.push('second'), waiting.signal);
    const third = oneAtATime(async () => begun.push('third'), never);
    await new Promise(setImmediate);
    waiting.abort(new Error('too late'));
    hanging.abort(new Error('too long'));
    await assert.rejects(second, /too late/);
    await third;
    assert.deepEqual(begun, ['hangs', 'third']);
  });

  it('more than the limit are refused, and not held', async () => {
    const oneAtATime = createOneAtATime(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = oneAtATime(() => promise, never);
    await new Promise(setImmediate);
    const second = oneAtATime(async () => 'second', never);
    await assert.rejects(
      oneAtATime(async () => 'third', never),
      { code: 'busy' },
    );
    resolve();
    await first;
    assert.equal(await second, 'second');
  });
});
