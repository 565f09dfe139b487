import assert from 'node:assert/strict';
import type { AttemptContext } from '../src/attempt-owner.ts';
import { createForgotten } from '../src/forget.ts';
import type { GuardRequest } from '../src/guard-request.ts';
import type { Failed } from '../src/outcome.ts';
import type { Recorder } from '../src/record.ts';
import { joinedResult, type RunResult, recordRun } from '../src/record-run.ts';
import { RunAttempt, type RunEnd } from '../src/run.ts';
import { targetKeys } from '../src/target.ts';
import { newVisit } from '../src/visit.ts';
import { failureOf, foundOf } from './found-of.ts';

const keys = targetKeys({ assets: ['cat'], derivation: 'w_300', version: undefined, isCached: true });
const patience = { endsAt: 0 };
const made: RunEnd<string> = { kind: 'made', value: 'a picture', tookMs: 3 };
const variant = { name: 'n', cachedAt: 0 };
const unused = (): never => assert.fail('It was called.');
const owner = { findOriginal: unused, recordLate: unused, changeEnds: unused };

type Task = Omit<GuardRequest<string>, 'target' | 'matches'>;
const task: Task = { work: unused, take: () => true, checksSuccess: false };

function contextOf(found = foundOf(), stamp: string | undefined = found.stamp): AttemptContext {
  return {
    keys,
    found,
    stamp,
    stale: undefined,
    isArriving: false,
    startedAt: 0,
    patience,
    clients: undefined,
    forgottenBefore: 0,
    lease: undefined,
    ofOriginal: undefined,
  };
}

/** Records a run with a recorder that notes the calls of its methods. */
function recording(
  end: RunEnd<string>,
  parts: Partial<Task> = {},
  context = contextOf(),
  results: Partial<Recorder> = {},
) {
  const calls: string[] = [];
  const errors: unknown[] = [];
  const recorder: Recorder = {
    failure: (...call) =>
      noted('failure', results.failure?.(...call) ?? Promise.resolve(failureOf('transient', 60_010))),
    success: (...call) => noted('success', results.success?.(...call) ?? Promise.resolve(true)),
    derivative: (...call) => noted('derivative', results.derivative?.(...call) ?? Promise.resolve()),
  };
  function noted<R>(name: string, result: R): R {
    calls.push(name);
    return result;
  }
  const forgotten = createForgotten();
  const removeRecords = async () => true;
  const tools = {
    ...{ forgotten, removeRecords },
    recorder,
    derivatives: undefined,
    clock: () => 10,
    onError: (error: unknown) => void errors.push(error),
  };
  const result = recordRun(
    end,
    { task: { ...task, ...parts }, context, attempt: new RunAttempt(context, owner) },
    tools,
  );
  return { calls, errors, result };
}

describe('record: a run that made a value', () => {
  it('returns without a promise and records nothing if nothing has to be checked', () => {
    const { calls, result } = recording(made);
    assert.deepEqual(calls, []);
    assert.deepEqual(result, { ...made, joined: false, storable: true, background: undefined });
  });

  it('ends the ladders if a failure was recorded, or if the success must be checked', async () => {
    const failing = contextOf(foundOf({ transient: failureOf('transient', 1) }));
    for (const recorded of [recording(made, {}, failing), recording(made, { checksSuccess: true })]) {
      assert.equal(((await recorded.result) as { readonly storable: boolean }).storable, true);
      assert.deepEqual(recorded.calls, ['success']);
    }
    const unjudged = recording(made, { checksSuccess: true, isSuccess: () => false }, failing);
    assert.equal(unjudged.result instanceof Promise, false);
    assert.deepEqual(unjudged.calls, []);
  });

  it('stores nothing after a change of the asset, without a stamp, or without the store', async () => {
    const storeValue = () => assert.fail('It was stored.');
    const isStorable = async ({ result }: ReturnType<typeof recording>) => {
      return ((await result) as { readonly storable: boolean }).storable;
    };
    const changed = { success: async () => false };
    assert.equal(await isStorable(recording(made, { storeValue, checksSuccess: true }, contextOf(), changed)), false);
    assert.equal(await isStorable(recording(made, { storeValue }, { ...contextOf(), stamp: undefined })), false);
    assert.equal(await isStorable(recording(made, { storeValue }, contextOf(foundOf({ reachable: false })))), false);
  });

  it('records a stored derivative after the response', async () => {
    const storing = Promise.withResolvers<typeof variant | undefined>();
    const { calls, result } = recording(made, { storeValue: () => storing.promise });
    assert.deepEqual(calls, []);
    storing.resolve(variant);
    await (result as RunResult<string>).background;
    assert.deepEqual(calls, ['derivative']);
    const nothing = recording(made, { storeValue: async () => undefined });
    await (nothing.result as RunResult<string>).background;
    assert.deepEqual(nothing.calls, []);
  });

  it('reports errors after the response, and never rejects', async () => {
    const error = new Error('The disk is full.');
    for (const { errors, result } of [
      recording(made, { storeValue: () => Promise.reject(error) }),
      recording(made, { storeValue: async () => variant }, contextOf(), { derivative: () => Promise.reject(error) }),
    ]) {
      await (result as RunResult<string>).background;
      assert.deepEqual(errors, [error]);
    }
  });
});

describe('record: a run that failed', () => {
  const fault = { code: 'handler_failed', status: 500, class: 'transient', message: '' } as const;
  const end: RunEnd<never> = { kind: 'fault', fault, error: new Error('boom') };

  it('resolves with the recorded failure and the rest of its window', async () => {
    const { calls, result } = recording(end);
    const failed = (await result) as Failed;
    assert.deepEqual(calls, ['failure']);
    assert.deepEqual([failed.source, failed.failure?.until, failed.remainingMs], ['run', 60_010, 60_000]);
    assert.deepEqual([failed.storable, failed.error], [true, end.error]);
    const cutOff = (await recording(end, {}, contextOf(foundOf({ reachable: false }))).result) as Failed;
    assert.equal(cutOff.storable, false);
  });

  it('resolves with `changed` if the asset has changed during the run', async () => {
    const { result } = recording(end, {}, contextOf(), { failure: async () => 'changed' });
    assert.deepEqual(await result, { kind: 'changed' });
  });

  it('records nothing if the run has no stamp, or if the fault is never held', async () => {
    const never: RunEnd<never> = { ...end, fault: { ...fault, code: 'busy', class: 'never' } };
    for (const { calls, result } of [recording(end, {}, { ...contextOf(), stamp: undefined }), recording(never)]) {
      const failed = (await result) as Failed;
      assert.deepEqual(calls, []);
      assert.deepEqual([failed.failure, failed.storable, failed.remainingMs], [undefined, false, 0]);
    }
  });

  it('records nothing of a run that was abandoned', () => {
    const { calls, result } = recording({ kind: 'abandoned' });
    assert.deepEqual([calls, result], [[], { kind: 'abandoned' }]);
  });
});

describe('the result of a run that a request has joined', () => {
  const found = foundOf();
  const result: RunResult<string> = { ...made, joined: false, storable: true };
  const visitOf = () => ({ ...newVisit, keys, patience, task: undefined });
  const at = (isAwaited = false) => ({ found, isAwaited });

  it('is the same value, if the request can use it', () => {
    assert.deepEqual(joinedResult(result, task, visitOf(), at()), { ...result, joined: true });
  });

  it('leads to another run, if the request cannot use it: first shared by key, then alone', () => {
    const visit = visitOf();
    const pickyTask = { ...task, take: () => false, shareKey: () => 'webp' };
    for (const sharing of [' webp', undefined]) {
      assert.deepEqual(joinedResult(result, pickyTask, visit, at()), { kind: 'unusable' });
      assert.deepEqual([visit.sharing, visit.from], [sharing, found]);
    }
    const visitWithoutKey = visitOf();
    joinedResult(result, { ...task, take: () => false }, visitWithoutKey, at());
    assert.equal(visitWithoutKey.sharing, undefined);
  });

  it('has the source `joined`, if that run has failed, and stays `held`, if nothing ran', () => {
    const failure = failureOf('transient', 10);
    const failed: Failed = { kind: 'failed', source: 'run', fault: failure, failure, remainingMs: 1, storable: true };
    assert.deepEqual(joinedResult(failed, task, visitOf(), at()), { ...failed, source: 'joined' });
    const held: Failed = { ...failed, source: 'held' };
    assert.equal(joinedResult(held, task, visitOf(), at()), held);
  });

  it('starts again, if that run has waited for an upload for its whole time and this request has not', () => {
    const fault = { code: 'pending', status: 503, class: 'never', message: '' } as const;
    const failed: Failed = {
      kind: 'failed',
      source: 'run',
      fault,
      failure: undefined,
      remainingMs: 0,
      storable: false,
    };
    assert.deepEqual(joinedResult(failed, task, visitOf(), at(true)), { kind: 'abandoned' });
    assert.deepEqual(joinedResult(failed, task, visitOf(), at(false)), { ...failed, source: 'joined' });
  });
});
