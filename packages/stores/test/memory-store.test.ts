import assert from 'node:assert/strict';
import type { Store } from '@safelight/core';
import { type MemoryStoreOptions, memoryStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';

const MINUTE_MS = 60_000;

describe('memoryStore', () => {
  storeConformance({
    describe,
    it,
    capabilities: { passedClock: true, extend: true },
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
    it(`never holds more than ${maxEntries} entries in total, after reads, writes and removals`, async () => {
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

  it('holds at least half of `maxEntries`, the most recently used', async () => {
    const store = memoryStore({ maxEntries: 100 });
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
    for (const key of keys) await store.set(key, key, MINUTE_MS);
    const newest = keys.slice(-50);
    assert.deepEqual(await store.getMany(newest), newest);
  });

  it('does not evict a key that is read often during a flood of new keys', async () => {
    const store = memoryStore({ maxEntries: 100 });
    await store.set('popular', 'x', MINUTE_MS);
    for (let index = 0; index < 1000; index += 1) {
      await store.set(`flood ${index}`, 'x', MINUTE_MS);
      assert.deepEqual(await store.getMany(['popular']), ['x']);
    }
  });

  it('shares nothing with another memoryStore', async () => {
    const [one, other] = [memoryStore(), memoryStore()];
    await one.set('k', 'x', MINUTE_MS);
    assert.deepEqual(await other.getMany(['k']), [undefined]);
  });

  describe('has an `absentMark` for all assets without a mark', () => {
    const [cat, dog] = ['g:{cat}', 'g:{dog}'];

    async function marked(options: MemoryStoreOptions = {}): Promise<{ readonly store: Store; state(): string }> {
      const store = memoryStore(options);
      await store.set(cat, 'mark of cat', MINUTE_MS);
      return { store, state: () => `${store.absentMark?.()} ${store.revision?.()}` };
    }

    it('of 128 random bits, which stays while marks are written and failures change', async () => {
      const [{ store }, other] = [await marked({ maxEntries: 1 }), memoryStore()];
      const mark = store.absentMark?.() ?? '';
      assert.equal(Buffer.from(mark, 'base64url').length, 16);
      assert.notEqual(other.absentMark?.(), mark);
      for (const key of [dog, cat, 'a:{cat}', 'a:{dog}', 'd:{cat}:w_1']) await store.set(key, 'x', MINUTE_MS);
      for (const key of ['a:{cat}', 'd:{cat}:w_1', 'g:{cow}']) await store.delete(key);
      assert.equal(store.absentMark?.(), mark);
    });

    it('which changes, with the revision, when a mark is evicted', async () => {
      const { store, state } = await marked({ maxMarks: 1 });
      const before = state();
      await store.set(dog, 'mark of dog', MINUTE_MS);
      assert.deepEqual(store.getManyNow?.([cat, dog]), [undefined, 'mark of dog']);
      assert.notEqual(state().split(' ')[0], before.split(' ')[0]);
    });

    it('which changes, with the revision, when a mark is removed', async () => {
      const { store, state } = await marked();
      const before = state();
      await store.delete(cat);
      assert.notEqual(state().split(' ')[0], before.split(' ')[0]);
    });

    it('which changes, with the revision, when a read finds that a mark has expired', async () => {
      let now = 1_800_000_000_000;
      const { store, state } = await marked({ clock: () => now });
      const before = state().split(' ');
      now += MINUTE_MS;
      assert.deepEqual(store.getManyNow?.([cat]), [undefined]);
      const after = state().split(' ');
      assert.notEqual(after[0], before[0]);
      assert.notEqual(after[1], before[1], 'the revision changes without a write');
      now -= MINUTE_MS;
      assert.deepEqual(store.getManyNow?.([cat]), [undefined], 'an expired mark stays absent if the clock is set back');
    });
  });

  it('evicts marks in bulk, the oldest first', async () => {
    const store = memoryStore({ maxMarks: 80 });
    const keys = Array.from({ length: 81 }, (_, index) => `g:{asset ${index}}`);
    for (const key of keys) await store.set(key, key, MINUTE_MS);
    assert.deepEqual(
      keys.filter((_, index) => store.getManyNow?.([keys[index] as string])[0] === undefined),
      keys.slice(0, 11),
    );
  });

  it('evicts the records of derivatives by their bytes, the least recently used first', async () => {
    const store = memoryStore({ maxCachedBytes: 100_000 });
    const record = { stamp: 'x', variants: [{ name: 'y'.repeat(1000) }] };
    const keys = Array.from({ length: 1000 }, (_, index) => `d:{asset ${index}}`);
    for (const key of keys) {
      await store.set(key, record, MINUTE_MS);
      assert.deepEqual(store.getManyNow?.(['d:{asset 0}']), [record]);
    }
    const held = keys.filter((key) => store.getManyNow?.([key])[0] !== undefined);
    assert.ok(held.length >= 30 && held.length <= 50, `${held.length} are held`);
    assert.deepEqual(held.slice(1), keys.slice(1 - held.length));
  });

  for (const name of ['maxEntries', 'maxMarks', 'maxCachedBytes']) {
    for (const bound of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      it(`refuses ${name}: ${bound}`, () => {
        assert.throws(() => memoryStore({ [name]: bound }), {
          name: 'RangeError',
          message: `memoryStore(): ${name} is ${bound}; it must be a whole number${name === 'maxCachedBytes' ? ' of bytes' : ''}, at least 1.`,
        });
      });
    }
  }
});
