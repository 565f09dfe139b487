import assert from 'node:assert/strict';
import { type DefineTest, HOUR_MS, type StoreUnderTest } from './store-under-test.ts';

export function letsKeysExpire(test: DefineTest): void {
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

export function followsThePassedClock(test: DefineTest): void {
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
