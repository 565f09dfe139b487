import assert from 'node:assert/strict';
import { type DefineTest, hourMs, type StoreUnderTest } from './store-under-test.ts';

const mark = 'g:{cat}';

export function lengthensMarks(test: DefineTest): void {
  test('a longer life replaces the rest of the shorter one, and the value stays', async (under) => {
    const { store } = under;
    await store.set(mark, 'a mark', 200);
    assert.equal(await extend(under, mark, hourMs), true);
    await pass(under, 400);
    assert.deepEqual(await store.getMany([mark]), ['a mark']);
  });

  test('a shorter life changes nothing', async (under) => {
    const { store } = under;
    await store.set(mark, 'a mark', hourMs);
    await extend(under, mark, 1);
    await pass(under, 20);
    assert.deepEqual(await store.getMany([mark]), ['a mark']);
  });

  test('an absent key stays absent', async (under) => {
    const { store } = under;
    await extend(under, mark, hourMs);
    assert.deepEqual(await store.getMany([mark]), [undefined]);
    await store.set(mark, 'a mark', hourMs);
    await store.delete(mark);
    await extend(under, mark, hourMs);
    assert.deepEqual(await store.getMany([mark]), [undefined]);
  });

  test('an expired key stays absent', async (under) => {
    const { store } = under;
    await store.set(mark, 'a mark', 1);
    await pass(under, 20);
    await extend(under, mark, hourMs);
    assert.deepEqual(await store.getMany([mark]), [undefined]);
  });
}

function extend({ store }: StoreUnderTest, key: string, ttlMs: number): Promise<boolean> {
  assert.ok(store.extend !== undefined, 'the store should have extend()');
  return store.extend(key, ttlMs);
}

/** Moves the passed clock; a store without one is waited for. */
async function pass({ advance }: StoreUnderTest, ms: number): Promise<void> {
  if (advance !== undefined) advance(ms);
  else await new Promise((resolve) => setTimeout(resolve, ms));
}
