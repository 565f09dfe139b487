import assert from 'node:assert/strict';
import type { Store } from '@safelight/core';
import { booleanValue, checkOptions, functionValue, optionsValue, required } from '@safelight/protocol';
import { keysToKeepApart, valuesToKeep } from './conformance-samples.ts';

/** What a test gives the suite: a store of its own, empty, and the means to act on it from outside. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Moves the clock that was passed to the store. Needed for the capability `passedClock`. */
  readonly advance?: (ms: number) => void;
  /** A second store over the same contents, as another process has one. Needed for `shared`. */
  readonly second?: Store;
  /** Makes the contents unreachable. Needed for `outage`. */
  readonly cut?: () => Promise<void>;
  /** Ends what `cut` did; resolves when the store can be used again. Needed for `outage`. */
  readonly mend?: () => Promise<void>;
  /** Called after each test. */
  readonly close?: () => Promise<void>;
}

export interface StoreCapabilities {
  /** Expiry follows a clock that the test moves, so lifetimes of any length are tested exactly. */
  readonly passedClock?: boolean;
  /** Several processes can use the same contents. */
  readonly shared?: boolean;
  /** The contents can become unreachable; then nothing may look absent, and no write confirmed. */
  readonly outage?: boolean;
}

export interface StoreConformance {
  readonly describe: (title: string, define: () => void) => unknown;
  readonly it: (title: string, run: () => Promise<void>) => unknown;
  readonly create: () => StoreUnderTest | Promise<StoreUnderTest>;
  readonly capabilities?: StoreCapabilities;
}

const HOUR_MS = 60 * 60 * 1000;

/**
 * What every Store must do, as tests for any runner with `describe` and `it` (mocha, vitest, node:test).
 *
 * Stores without `passedClock` are asked again and again, for up to 5 s, until a key of 1 ms is gone.
 *
 * @throws TypeError when an option or a capability does not exist, so that no test is left out by a slip
 */
export function storeConformance(options: StoreConformance): void {
  checkOptions<StoreConformance>('storeConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('() => ({ store: memoryStore() })')),
    capabilities: optionsValue<StoreCapabilities>({
      passedClock: booleanValue,
      shared: booleanValue,
      outage: booleanValue,
    }),
  });
  const { describe, it, create, capabilities = {} } = options;
  const test: DefineTest = (title, run) =>
    it(title, async () => {
      const under = await create();
      try {
        await run(under);
      } finally {
        await under.close?.();
      }
    });
  describe('keeps what it is given', () => keepsWhatItIsGiven(test));
  describe('is one register per key', () => isOneRegisterPerKey(test));
  describe('lets keys expire', () => letsKeysExpire(test));
  if (capabilities.passedClock) describe('follows the clock that was passed', () => followsThePassedClock(test));
  if (capabilities.shared) describe('is shared', () => isShared(test));
  if (capabilities.outage) describe('does not hide an outage', () => doesNotHideAnOutage(test));
}

type DefineTest = (title: string, run: (under: StoreUnderTest) => Promise<void>) => unknown;

function keepsWhatItIsGiven(test: DefineTest): void {
  test('an absent key gives undefined at its place', async ({ store }) => {
    await store.set('here', 'x', HOUR_MS);
    assert.deepEqual(await store.getMany(['gone', 'here', 'gone too']), [undefined, 'x', undefined]);
  });

  test('no keys give no values', async ({ store }) => {
    assert.deepEqual(await store.getMany([]), []);
  });

  test('the same key may be asked for twice', async ({ store }) => {
    await store.set('k', 'x', HOUR_MS);
    assert.deepEqual(await store.getMany(['k', 'k']), ['x', 'x']);
  });

  for (const [what, value] of valuesToKeep) {
    test(`a value comes back as it was: ${what}`, async ({ store }) => {
      assert.equal(await store.set('k', value, HOUR_MS), true);
      assert.deepEqual(await store.getMany(['k']), [value]);
    });
  }

  test('keys that look alike, or like something else, are kept apart', async ({ store }) => {
    for (const [index, key] of keysToKeepApart.entries()) await store.set(key, `value ${index}`, HOUR_MS);
    assert.deepEqual(
      await store.getMany(keysToKeepApart),
      keysToKeepApart.map((_, index) => `value ${index}`),
    );
  });

  test('a thousand keys are read at once', async ({ store }) => {
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
    await Promise.all(keys.filter((_, index) => index % 2 === 0).map((key) => store.set(key, { key }, HOUR_MS)));
    const expected = keys.map((key, index) => (index % 2 === 0 ? { key } : undefined));
    assert.deepEqual(await store.getMany(keys), expected);
  });

  test('frozen keys and values are accepted, so nothing of the caller is written to', async ({ store }) => {
    await store.set('k', Object.freeze({ list: Object.freeze([1]) }), HOUR_MS);
    assert.deepEqual(await store.getMany(Object.freeze(['k', 'absent'])), [{ list: [1] }, undefined]);
  });
}

function isOneRegisterPerKey(test: DefineTest): void {
  test('a read after a confirmed write gives that write', async ({ store }) => {
    for (let round = 0; round < 20; round += 1) {
      assert.equal(await store.set('k', `mark ${round}`, HOUR_MS), true);
      assert.deepEqual(await store.getMany(['k']), [`mark ${round}`]);
    }
  });

  test('of writes that overlap one wins, for every later reader', async ({ store }) => {
    const marks = ['a', 'b', 'c', 'd'];
    await Promise.all(marks.map((mark) => store.set('k', mark, HOUR_MS)));
    const [winner] = await store.getMany(['k']);
    assert.ok(marks.includes(String(winner)));
    assert.deepEqual(await store.getMany(['k']), [winner]);
  });

  test('a removed key is absent, and can be written again', async ({ store }) => {
    await store.set('k', 'x', HOUR_MS);
    assert.equal(await store.delete('k'), true);
    assert.deepEqual(await store.getMany(['k']), [undefined]);
    assert.equal(await store.set('k', 'y', HOUR_MS), true);
    assert.deepEqual(await store.getMany(['k']), ['y']);
  });

  test('removing an absent key is confirmed too', async ({ store }) => {
    assert.equal(await store.delete('never written'), true);
  });
}

function letsKeysExpire(test: DefineTest): void {
  for (const ttlMs of [1, 0.4, 0, -1, -HOUR_MS, Number.NaN]) {
    test(`a lifetime of ${ttlMs} ms ends at once: it is never taken for "no expiry"`, async (under) => {
      await under.store.set('k', 'x', ttlMs);
      await assertGoneSoon(under, 'k');
    });
  }

  test('a later write brings its own lifetime', async (under) => {
    const { store } = under;
    await store.set('k', 'long', HOUR_MS);
    await store.set('k', 'short', 1);
    await store.set('other', 'short', 1);
    await store.set('other', 'long', HOUR_MS);
    await assertGoneSoon(under, 'k');
    assert.deepEqual(await store.getMany(['other']), ['long']);
  });

  for (const ttlMs of [30 * 24 * HOUR_MS, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    test(`a lifetime of ${ttlMs} ms is accepted`, async ({ store }) => {
      assert.equal(await store.set('k', 'x', ttlMs), true);
      assert.deepEqual(await store.getMany(['k']), ['x']);
    });
  }
}

function followsThePassedClock(test: DefineTest): void {
  test('a key lives for its lifetime and no longer', async ({ store, advance }) => {
    await store.set('k', 'x', 1000);
    advance?.(999);
    assert.deepEqual(await store.getMany(['k']), ['x']);
    advance?.(2);
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });

  test('reading does not lengthen a lifetime', async ({ store, advance }) => {
    await store.set('k', 'x', 1000);
    for (let read = 0; read < 10; read += 1) {
      advance?.(90);
      assert.deepEqual(await store.getMany(['k']), ['x']);
    }
    advance?.(101);
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });
}

function isShared(test: DefineTest): void {
  test('what one process wrote or removed, the other sees', async ({ store, second }) => {
    assert.ok(second, 'the capability "shared" needs a second store');
    await store.set('k', 'x', HOUR_MS);
    assert.deepEqual(await second.getMany(['k']), ['x']);
    await second.delete('k');
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });
}

function doesNotHideAnOutage(test: DefineTest): void {
  test('reads reject, and writes are not confirmed', async ({ store, cut }) => {
    assert.ok(cut, 'the capability "outage" needs a way to cut the store off');
    await store.set('k', 'x', HOUR_MS);
    await cut();
    await assert.rejects(store.getMany(['k', 'never written']));
    assert.notEqual(await orRejected(store.set('k', 'y', HOUR_MS)), true);
    assert.notEqual(await orRejected(store.delete('k')), true);
  });

  test('works again afterwards, by itself', async ({ store, cut, mend }) => {
    assert.ok(cut && mend, 'the capability "outage" needs a way to cut the store off and to mend that');
    await cut();
    await assert.rejects(store.getMany(['k']));
    await mend();
    assert.equal(await store.set('k', 'z', HOUR_MS), true);
    assert.deepEqual(await store.getMany(['k']), ['z']);
  });
}

/** With a clock that was moved the key is gone at once; else it is asked for until a real millisecond has passed. */
async function assertGoneSoon({ store, advance }: StoreUnderTest, key: string): Promise<void> {
  advance?.(2);
  const patienceEndsAt = advance === undefined ? performance.now() + 5000 : 0;
  for (;;) {
    const [value] = await store.getMany([key]);
    if (value === undefined) return;
    assert.ok(performance.now() < patienceEndsAt, `"${key}" should have expired`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A rejection counts as an answer that confirms nothing. */
async function orRejected(answer: Promise<boolean>): Promise<boolean | 'rejected'> {
  return answer.catch(() => 'rejected' as const);
}
