import assert from 'node:assert/strict';
import { type Steps, settled, takeSteps } from '../src/steps.ts';

function* sum(...parts: readonly (number | Promise<number>)[]): Steps<number> {
  let total = 0;
  for (const part of parts) total += part instanceof Promise ? yield* settled(part) : part;
  return total;
}

describe('steps: a promise only if a step waits', () => {
  it('returns the result itself when no step waits', () => {
    assert.equal(takeSteps(sum(1, 2, 3)), 6);
  });

  it('returns a promise of the result if one step waits, and runs the steps before it at once', async () => {
    const taken: string[] = [];
    const waiting = Promise.withResolvers<string>();
    const running = takeSteps(
      (function* (): Steps<string> {
        taken.push('first');
        taken.push(yield* settled(waiting.promise));
        return 'done';
      })(),
    );
    assert.deepEqual(taken, ['first']);
    waiting.resolve('second');
    assert.equal(await running, 'done');
    assert.deepEqual(taken, ['first', 'second']);
    assert.equal(await takeSteps(sum(1, Promise.resolve(2), 3, Promise.resolve(4))), 10);
  });

  it('throws the error of a step before the first wait, and rejects with the error of a later step', async () => {
    const failing = function* (first?: Promise<unknown>): Steps<never> {
      if (first !== undefined) yield* settled(first);
      throw new Error('This step failed.');
    };
    assert.throws(() => takeSteps(failing()), /This step failed/);
    await assert.rejects(async () => takeSteps(failing(Promise.resolve())), /This step failed/);
  });

  it('throws a rejection at the `yield*`, so that the function can catch it and continue', async () => {
    const caught = takeSteps(
      (function* (): Steps<string> {
        try {
          return yield* settled(Promise.reject<string>(new Error('The store is down.')));
        } catch (error) {
          return `${yield* settled(Promise.resolve('went on'))}: ${(error as Error).message}`;
        }
      })(),
    );
    assert.equal(await caught, 'went on: The store is down.');
    await assert.rejects(
      async () => takeSteps(sum(Promise.reject(new Error('The store is down.')))),
      /The store is down/,
    );
  });

  it('also runs the steps in a `finally` block when a step fails', async () => {
    const taken: string[] = [];
    const running = takeSteps(
      (function* (): Steps<void> {
        try {
          yield* settled(Promise.reject(new Error('no')));
        } finally {
          taken.push(yield* settled(Promise.resolve('closed')));
        }
      })(),
    );
    await assert.rejects(async () => running, /no/);
    assert.deepEqual(taken, ['closed']);
  });
});
