import assert from 'node:assert/strict';
import { createSharedRuns, runKey } from '../src/shared-runs.ts';
import { targetKeys } from '../src/target.ts';
import { failureOf, foundOf } from './found-of.ts';

const keys = targetKeys({ assets: ['cat'], derivation: 'w_300', version: undefined });

interface Result {
  readonly value: string;
  readonly background?: Promise<void>;
}

describe('shared runs: at most one run per key', () => {
  const runsOf = (maxWaiters = 10) => createSharedRuns<Result>({ maxWaiters });

  it('gives the result to each request that joined, and then ends the run', async () => {
    const runs = runsOf();
    assert.equal(runs.join('k'), undefined);
    const run = runs.open('k', keys, foundOf());
    const joined = [runs.join('k'), runs.join('k')];
    const result = { value: 'a picture' };
    runs.end(run, result);
    assert.deepEqual(await Promise.all(joined), [result, result]);
    assert.equal(runs.join('k'), undefined);
  });

  it('gives an error to each request that joined, and then ends the run', async () => {
    const runs = runsOf();
    const run = runs.open('k', keys, foundOf({ transient: failureOf('transient', 10) }));
    const joined = runs.join('k') as Promise<Result>;
    const error = new Error('The store is down.');
    runs.fail(run, error);
    await assert.rejects(joined, error);
    assert.equal(runs.join('k'), undefined);
    assert.equal(runs.isProbed(keys, failureOf('transient', 10)), false);
  });

  it('causes no unhandled rejection if a run without waiters fails', async () => {
    const runs = runsOf();
    runs.fail(runs.open('k', keys, foundOf()), new Error('The store is down.'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('releases the requests that wait for a run of an asset; the run goes on, and they may join again', async () => {
    const runs = runsOf();
    const dog = targetKeys({ assets: ['dog'], derivation: 'w_300', version: undefined });
    const [run, other] = [runs.open('k', keys, foundOf()), runs.open('d', dog, foundOf())];
    const [joined, joinedOther] = [runs.join('k'), runs.join('d')];
    const changed = { value: 'changed' };
    runs.release(keys.marks[0] as string, foundOf().stamp as string, { value: 'not for a run under the new mark' });
    runs.release(keys.marks[0] as string, 'a new mark', changed);
    assert.equal(await joined, changed);
    const again = runs.join('k');
    runs.end(run, { value: 'late' });
    assert.deepEqual(await again, { value: 'late' });
    runs.end(other, { value: 'a dog' });
    assert.deepEqual(await joinedOther, { value: 'a dog' });
  });

  it('tells the clients that wait, also those that join later, each once', () => {
    const runs = runsOf();
    const client = (name: string | undefined) => ({ clientOf: () => name });
    const run = runs.open('k', keys, foundOf(), client('a'));
    void runs.join('k', client('b'));
    const told: string[] = [];
    run.clients?.each((name) => told.push(name));
    assert.deepEqual(told, ['a', 'b']);
    for (const name of ['b', 'c', undefined]) void runs.join('k', client(name));
    void runs.join('k');
    assert.deepEqual(told, ['a', 'b', 'c']);
    assert.equal(runs.open('other', keys, foundOf()).clients, undefined);
    const unawaited = runs.open('no client', keys, foundOf(), client(undefined));
    void runs.join('no client', client('d'));
    unawaited.clients?.each((name) => told.push(name));
    assert.deepEqual(told, ['a', 'b', 'c', 'd']);
  });

  it('shares nothing without a key', () => {
    const runs = runsOf();
    const run = runs.open(undefined, keys, foundOf());
    assert.equal(runs.join(undefined), undefined);
    runs.end(run, { value: 'a picture' });
  });

  it('limits how many requests wait, but not how many get an available result', async () => {
    const runs = runsOf(2);
    const run = runs.open('k', keys, foundOf());
    assert.deepEqual([runs.join('k') instanceof Promise, runs.join('k') instanceof Promise], [true, true]);
    assert.equal(runs.join('k'), 'full');
    const storing = Promise.withResolvers<void>();
    const result = { value: 'a picture', background: storing.promise };
    runs.end(run, result);
    assert.equal(await runs.join('k'), result);
    storing.resolve();
    await storing.promise;
    assert.equal(runs.join('k'), undefined);
  });

  it('tries a failure again from the start of a run to its result, not to the end of the work after it', () => {
    const runs = runsOf();
    const [failure, other] = [failureOf('transient', 10), failureOf('permanent', 10)];
    const run = runs.open('k', keys, foundOf({ transient: failure }));
    assert.equal(runs.isProbed(keys, failure), true);
    assert.equal(runs.isProbed(keys, other), false);
    assert.equal(runs.isProbed(keys, failureOf('transient', 10, 'another mark')), false);
    runs.end(run, { value: 'a picture', background: new Promise(() => {}) });
    assert.equal(runs.isProbed(keys, failure), false);
  });
});

describe('the key of a run', () => {
  const options = { clock: () => 12_000, maxStaleMs: 5000 };
  const keyOf = (sharing: string | undefined, found = foundOf(), clock = options.clock) =>
    runKey({ keys, sharing }, found, { ...options, clock });

  it('differs by stamp and by the key that the waiters share', () => {
    const all = [keyOf(''), keyOf('', foundOf({ stamp: 'n' })), keyOf(' webp'), keyOf(' avif')];
    assert.equal(new Set(all).size, all.length);
    assert.equal(keyOf(''), keyOf(''));
  });

  it('is undefined for a request that shares no run', () => {
    assert.equal(keyOf(undefined), undefined);
  });

  it('changes with the period while the store cannot be reached, and only then', () => {
    const cutOff = foundOf({ reachable: false });
    assert.equal(
      keyOf('', cutOff, () => 10_000),
      keyOf('', cutOff, () => 14_999),
    );
    assert.notEqual(
      keyOf('', cutOff, () => 14_999),
      keyOf('', cutOff, () => 15_000),
    );
    assert.equal(
      keyOf('', foundOf(), () => 14_999),
      keyOf('', foundOf(), () => 15_000),
    );
  });
});
