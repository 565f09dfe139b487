import assert from 'node:assert/strict';
import { memoryStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';

const MINUTE_MS = 60_000;

describe('memoryStore', () => {
  storeConformance({
    describe,
    it,
    capabilities: { passedClock: true },
    create() {
      let now = 1_800_000_000_000;
      return {
        store: memoryStore({ clock: () => now }),
        advance: (ms) => {
          now += ms;
        },
      };
    },
  });

  for (const maxEntries of [1, 2, 3, 10, 1001]) {
    it(`never holds more than ${maxEntries} entries in all, whatever is read, replaced or removed`, async () => {
      const store = memoryStore({ maxEntries });
      const keys = Array.from({ length: maxEntries * 4 }, (_, index) => `k${index}`);
      for (const [index, key] of keys.entries()) {
        await store.set(key, key, MINUTE_MS);
        await store.set(`k${index >> 1}`, 'again', MINUTE_MS);
        await store.getMany([`k${index >> 2}`, `k${index - 1}`]);
        if (index % 7 === 0) await store.delete(`k${index - 2}`);
      }
      const held = (await store.getMany(keys)).filter((value) => value !== undefined);
      assert.ok(held.length <= maxEntries, `${held.length} entries are held`);
    });
  }

  it('keeps at least half as many of the entries used last', async () => {
    const store = memoryStore({ maxEntries: 100 });
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
    for (const key of keys) await store.set(key, key, MINUTE_MS);
    const newest = keys.slice(-50);
    assert.deepEqual(await store.getMany(newest), newest);
  });

  it('keeps what is read often through a flood of keys that nobody asks for again', async () => {
    const store = memoryStore({ maxEntries: 100 });
    await store.set('popular', 'x', MINUTE_MS);
    for (let index = 0; index < 1000; index += 1) {
      await store.set(`flood ${index}`, 'x', MINUTE_MS);
      assert.deepEqual(await store.getMany(['popular']), ['x']);
    }
  });

  it('keeps stores apart', async () => {
    const [one, other] = [memoryStore(), memoryStore()];
    await one.set('k', 'x', MINUTE_MS);
    assert.deepEqual(await other.getMany(['k']), [undefined]);
  });

  for (const maxEntries of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses maxEntries: ${maxEntries}`, () => {
      assert.throws(() => memoryStore({ maxEntries }), {
        name: 'RangeError',
        message: `memoryStore: maxEntries is ${maxEntries}; pass a whole number of at least 1`,
      });
    });
  }
});
