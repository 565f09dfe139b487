import assert from 'node:assert/strict';
import { distinctKeys, storableValues } from './samples.ts';
import { type DefineTest, hourMs } from './store-under-test.ts';

export function storesValues(test: DefineTest): void {
  test('an absent key gives undefined at its position', async ({ store }) => {
    await store.set('here', 'x', hourMs);
    assert.deepEqual(await store.getMany(['gone', 'here', 'gone too']), [undefined, 'x', undefined]);
  });

  test('no keys give no values', async ({ store }) => {
    assert.deepEqual(await store.getMany([]), []);
  });

  test('the same key may be read twice in one call', async ({ store }) => {
    await store.set('k', 'x', hourMs);
    assert.deepEqual(await store.getMany(['k', 'k']), ['x', 'x']);
  });

  for (const [what, value] of storableValues) {
    test(`a read gives the written value: ${what}`, async ({ store }) => {
      assert.equal(await store.set('k', value, hourMs), true);
      assert.deepEqual(await store.getMany(['k']), [value]);
    });
  }

  test('similar and unusual keys are different keys', async ({ store }) => {
    for (const [index, key] of distinctKeys.entries()) await store.set(key, `value ${index}`, hourMs);
    assert.deepEqual(
      await store.getMany(distinctKeys),
      distinctKeys.map((_, index) => `value ${index}`),
    );
  });

  test('a thousand keys are read at once', async ({ store }) => {
    const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
    await Promise.all(keys.filter((_, index) => index % 2 === 0).map((key) => store.set(key, { key }, hourMs)));
    const expected = keys.map((key, index) => (index % 2 === 0 ? { key } : undefined));
    assert.deepEqual(await store.getMany(keys), expected);
  });

  test('frozen keys and values are accepted, because the store does not change them', async ({ store }) => {
    await store.set('k', Object.freeze({ list: Object.freeze([1]) }), hourMs);
    assert.deepEqual(await store.getMany(Object.freeze(['k', 'absent'])), [{ list: [1] }, undefined]);
  });
}

export function isOneRegisterPerKey(test: DefineTest): void {
  test('a read after a confirmed write gives that write', async ({ store }) => {
    for (let round = 0; round < 20; round += 1) {
      assert.equal(await store.set('k', `mark ${round}`, hourMs), true);
      assert.deepEqual(await store.getMany(['k']), [`mark ${round}`]);
    }
  });

  test('after writes at the same time, all later reads give the same one', async ({ store }) => {
    const marks = ['a', 'b', 'c', 'd'];
    await Promise.all(marks.map((mark) => store.set('k', mark, hourMs)));
    const [winner] = await store.getMany(['k']);
    assert.ok(marks.includes(String(winner)));
    assert.deepEqual(await store.getMany(['k']), [winner]);
  });

  test('a removed key is absent, and can be written again', async ({ store }) => {
    await store.set('k', 'x', hourMs);
    assert.equal(await store.delete('k'), true);
    assert.deepEqual(await store.getMany(['k']), [undefined]);
    assert.equal(await store.set('k', 'y', hourMs), true);
    assert.deepEqual(await store.getMany(['k']), ['y']);
  });

  test('removing an absent key is confirmed too', async ({ store }) => {
    assert.equal(await store.delete('never written'), true);
  });
}
