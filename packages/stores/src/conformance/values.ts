import assert from 'node:assert/strict';
import { distinctKeys, storableValues } from './samples.ts';
import { type DefineTest, HOUR_MS } from './store-under-test.ts';

export function storesWhatItIsGiven(test: DefineTest): void {
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

  for (const [what, value] of storableValues) {
    test(`a value comes back as it was: ${what}`, async ({ store }) => {
      assert.equal(await store.set('k', value, HOUR_MS), true);
      assert.deepEqual(await store.getMany(['k']), [value]);
    });
  }

  test('keys that look alike, or like something else, are kept apart', async ({ store }) => {
    for (const [index, key] of distinctKeys.entries()) await store.set(key, `value ${index}`, HOUR_MS);
    assert.deepEqual(
      await store.getMany(distinctKeys),
      distinctKeys.map((_, index) => `value ${index}`),
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

export function isOneRegisterPerKey(test: DefineTest): void {
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
