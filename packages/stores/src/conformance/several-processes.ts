import assert from 'node:assert/strict';
import { type DefineTest, HOUR_MS } from './store-under-test.ts';

export function isShared(test: DefineTest): void {
  test('what one process wrote or removed, the other sees', async ({ store, second }) => {
    assert.ok(second, 'the capability "shared" needs a second store');
    await store.set('k', 'x', HOUR_MS);
    assert.deepEqual(await second.getMany(['k']), ['x']);
    await second.delete('k');
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });
}

export function doesNotHideAnOutage(test: DefineTest): void {
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

/** A rejection counts as an answer that confirms nothing. */
async function orRejected(response: Promise<boolean>): Promise<boolean | 'rejected'> {
  return response.catch(() => 'rejected' as const);
}
