import assert from 'node:assert/strict';
import { type Attempt, abandoned, RunAttempt, type RunEnd, run, runUnshared } from '../src/run.ts';
import { TransformError } from '../src/transform-error.ts';

const context = { stamp: 'm', stale: undefined, isArriving: false, clients: undefined };
const unused = (): never => assert.fail('It was called.');
const owner = { findOriginal: unused, recordLate: unused, changeEnds: unused };

function runOf<T>(work: (attempt: Attempt) => T | Promise<T>, timeoutMs = 60_000) {
  return run<T>(work, new RunAttempt(context, owner), timeoutMs);
}

function madeOf<T>(end: RunEnd<T>): T {
  assert.equal(end.kind, 'made');
  return (end as Extract<RunEnd<T>, { kind: 'made' }>).value;
}

describe('run: one run of the work, under a timeout', () => {
  it('returns without a promise if the work does, for each kind of end', () => {
    const value = runOf(() => 'a picture') as RunEnd<string>;
    assert.equal(madeOf(value), 'a picture');
    assert.deepEqual(
      runOf(() => abandoned),
      { kind: 'abandoned' },
    );
    const failed = runOf(() => {
      throw new TransformError('bad_transformation', 'No such width.');
    }) as Extract<RunEnd<never>, { kind: 'fault' }>;
    assert.equal(failed.fault.code, 'bad_transformation');
    assert.deepEqual(
      runOf(() => {
        throw abandoned;
      }),
      { kind: 'abandoned' },
    );
  });

  it('resolves to the same kinds of end if the work returns a promise', async () => {
    const end = await runOf(async () => 'a picture');
    assert.equal(madeOf(end), 'a picture');
    assert.equal((end as { readonly tookMs: number }).tookMs >= 0, true);
    assert.deepEqual(await runOf(async () => abandoned), { kind: 'abandoned' });
    assert.deepEqual(await runOf(() => Promise.reject(abandoned)), { kind: 'abandoned' });
    const error = new TransformError('missing_original', 'The original is missing.');
    const failed = await runOf(() => Promise.reject(error));
    assert.deepEqual([failed.kind, failed.kind === 'fault' && failed.error], ['fault', error]);
  });

  it('ends after the timeout, aborts the signal, and ignores a later result', async () => {
    let signal: AbortSignal | undefined;
    const late = Promise.withResolvers<string>();
    const end = await runOf((attempt) => {
      signal = attempt.signal;
      return late.promise;
    }, 5);
    assert.equal(end.kind === 'fault' && end.fault.code, 'timed_out');
    assert.equal(signal?.aborted, true);
    late.reject(new Error('This must not be an unhandled rejection.'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('gives an aborted signal to work that reads it after the timeout', async () => {
    let attempt: Attempt | undefined;
    await runOf((given) => {
      attempt = given;
      return new Promise<never>(() => {});
    }, 5);
    assert.equal(attempt?.signal.aborted, true);
  });

  it('clears its timer when the work has ended', async () => {
    const later = Promise.withResolvers<string>();
    const ending = runOf(() => later.promise);
    await new Promise((resolve) => setImmediate(resolve));
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const during = timers();
    later.resolve('a picture');
    await ending;
    assert.equal(timers(), during - 1);
  });

  it('without sharing, finds the original by itself, records nothing, and waits for no upload', async () => {
    const end = await runUnshared(async (attempt) => {
      await attempt.recordLate({ code: 'handler_failed', status: 500, class: 'transient', message: '' });
      assert.deepEqual([attempt.stamp, attempt.changeEnds()], [undefined, undefined]);
      return attempt.findOriginal(async () => 'the original');
    }, 60_000);
    assert.equal(madeOf(end), 'the original');
  });
});
