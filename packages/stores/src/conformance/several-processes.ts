import assert from 'node:assert/strict';
import { type DefineTest, hourMs } from './store-under-test.ts';

export function isShared(test: DefineTest): void {
  test('each process sees the writes and removals of the other', async ({ store, second }) => {
    assert.ok(second, 'the capability "shared" needs a second store');
    await store.set('k', 'x', hourMs);
    assert.deepEqual(await second.getMany(['k']), ['x']);
    await second.delete('k');
    assert.deepEqual(await store.getMany(['k']), [undefined]);
  });
}

export function doesNotHideAnOutage(test: DefineTest): void {
  test('reads reject, and writes are not confirmed', async ({ store, cut }) => {
    assert.ok(cut, 'the capability "outage" needs a way to cut the store off');
    await store.set('k', 'x', hourMs);
    await cut();
    await assert.rejects(store.getMany(['k', 'never written']));
    assert.notEqual(await orRejected(store.set('k', 'y', hourMs)), true);
    assert.notEqual(await orRejected(store.delete('k')), true);
  });

  test('works again after the outage', async ({ store, cut, mend }) => {
    assert.ok(cut && mend, 'the capability "outage" needs a way to cut the store off and to end that');
    await cut();
    await assert.rejects(store.getMany(['k']));
    await mend();
    assert.equal(await store.set('k', 'z', hourMs), true);
    assert.deepEqual(await store.getMany(['k']), ['z']);
  });
}

/** A rejection is allowed, because it does not confirm the write. */
async function orRejected(writing: Promise<boolean>): Promise<boolean | 'rejected'> {
  return writing.catch(() => 'rejected' as const);
}
