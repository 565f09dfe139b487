import assert from 'node:assert/strict';
import type { ConditionalRecord } from '@safelight/core';
import { leasesOf, mine, other, pass } from './leases.ts';
import { storableValues } from './samples.ts';
import { type DefineTest, hourMs } from './store-under-test.ts';

const recordKey = 'p:2:{cat}:w_300';
const markKey = 'g:{cat}';

const record: ConditionalRecord = {
  ...{ key: recordKey, value: { rung: 1 }, ttlMs: hourMs, before: undefined },
  ...{ marks: [[markKey, 'a mark']], markTtlMs: hourMs, lease: undefined },
};

export function writesIfUnchanged(test: DefineTest): void {
  test('writes under the marks, which then live long enough', async (under) => {
    const { store } = under;
    await store.set(markKey, 'a mark', 200);
    assert.equal(await leasesOf(under).record(record), 'written');
    await pass(under, 400);
    assert.deepEqual(await store.getMany([markKey, recordKey]), ['a mark', { rung: 1 }]);
  });

  test('shortens the life of no mark', async (under) => {
    const { store } = under;
    await store.set(markKey, 'a mark', hourMs);
    await leasesOf(under).record({ ...record, markTtlMs: 1 });
    await pass(under, 20);
    assert.deepEqual(await store.getMany([markKey]), ['a mark']);
  });

  test('writes nothing under another mark, or none', async (under) => {
    const { store } = under;
    assert.equal(await leasesOf(under).record(record), 'moved');
    await store.set(markKey, 'another mark', hourMs);
    assert.equal(await leasesOf(under).record(record), 'moved');
    const two = [...record.marks, ['g:{dog}', 'gone']] as const;
    await store.set(markKey, 'a mark', hourMs);
    assert.equal(await leasesOf(under).record({ ...record, marks: two }), 'moved');
    assert.deepEqual(await store.getMany([recordKey]), [undefined]);
  });

  test('writes nothing over a value that was not read, and gives that value', async (under) => {
    const { store } = under;
    await store.set(markKey, 'a mark', hourMs);
    await store.set(recordKey, { rung: 7 }, hourMs);
    assert.deepEqual(await leasesOf(under).record(record), { stored: { rung: 7 } });
    assert.equal(await leasesOf(under).record({ ...record, before: { rung: 7 } }), 'written');
    assert.deepEqual(await leasesOf(under).record({ ...record, before: { rung: 7 } }), { stored: { rung: 1 } });
    await store.delete(recordKey);
    assert.deepEqual(await leasesOf(under).record({ ...record, before: { rung: 1 } }), { stored: undefined });
  });

  test('compares each value that it stores', async (under) => {
    const { store } = under;
    await store.set(markKey, 'a mark', hourMs);
    for (const [what, value] of storableValues) {
      await store.set(recordKey, value, hourMs);
      const [before] = await store.getMany([recordKey]);
      assert.equal(await leasesOf(under).record({ ...record, before }), 'written', what);
    }
  });
}

export function writesForTheHolder(test: DefineTest): void {
  test('writes for the holder of the lease only: its lease ends with the write', async (under) => {
    const leases = leasesOf(under);
    await under.store.set(markKey, 'a mark', hourMs);
    await leases.take(mine, hourMs, []);
    assert.equal(await leases.record({ ...record, lease: other }), 'moved');
    assert.equal((await leases.take(other, hourMs, [])).holder, 'mine');
    assert.equal(await leases.record({ ...record, lease: mine }), 'written');
    assert.equal((await leases.take(other, hourMs, [])).holder, 'other');
  });

  test('ends the lease of a holder with old marks', async (under) => {
    const leases = leasesOf(under);
    await leases.take(mine, hourMs, []);
    assert.equal(await leases.record({ ...record, lease: mine }), 'moved');
    assert.equal((await leases.take(other, hourMs, [])).holder, 'other');
  });

  test('lets the holder go on after a value that was not read', async (under) => {
    const leases = leasesOf(under);
    await under.store.set(markKey, 'a mark', hourMs);
    await under.store.set(recordKey, { rung: 7 }, hourMs);
    await leases.take(mine, hourMs, []);
    assert.deepEqual(await leases.record({ ...record, lease: mine }), { stored: { rung: 7 } });
    assert.equal((await leases.take(other, hourMs, [])).holder, 'mine');
  });
}
