import assert from 'node:assert/strict';
import { type DefineTest, hourMs, type StoreUnderTest } from './store-under-test.ts';

export function letsKeysExpire(test: DefineTest): void {
  for (const ttlMs of [1, 0.4, 0, -1, -hourMs, Number.NaN]) {
    test(`a TTL of ${ttlMs} ms ends at once: it does not mean "no expiry"`, async (under) => {
      await under.store.set('k', 'x', ttlMs);
      await assertExpiresSoon(under, 'k');
    });
  }

  test('a later write sets a new TTL', async (under) => {
    const { store } = under;
    await store.set('k', 'long', hourMs);
    await store.set('k', 'short', 1);
    await store.set('other', 'short', 1);
    await store.set('other', 'long', hourMs);
    await assertExpiresSoon(under, 'k');
    assert.deepEqual(await store.getMany(['other']), ['long']);
  });

  for (const ttlMs of [30 * 24 * hourMs, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    test(`a TTL of ${ttlMs} ms is accepted`, async ({ store }) => {
      assert.equal(await store.set('k', 'x', ttlMs), true);
      assert.deepEqual(await store.getMany(['k']), ['x']);
    });
  }
}

export function followsThePassedClock(test: DefineTest): void {
  test('a key exists until the end of its TTL and no longer', async ({ store, advance }) => {
    await store.set('k', 'x', 1000);
    advance?.(999);
    assert.deepEqual(await store.getMany(['k']), ['x']);
    advance?.(2);
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });

  test('a read does not extend the TTL', async ({ store, advance }) => {
    await store.set('k', 'x', 1000);
    for (let read = 0; read < 10; read += 1) {
      advance?.(90);
      assert.deepEqual(await store.getMany(['k']), ['x']);
    }
    advance?.(101);
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });
}

/** Expects an absent key: at once with a passed clock, else within 5 seconds. */
async function assertExpiresSoon({ store, advance }: StoreUnderTest, key: string): Promise<void> {
  advance?.(2);
  const patienceEndsAt = advance === undefined ? performance.now() + 5000 : 0;
  for (;;) {
    const [value] = await store.getMany([key]);
    if (value === undefined) return;
    assert.ok(performance.now() < patienceEndsAt, `"${key}" should have expired`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
