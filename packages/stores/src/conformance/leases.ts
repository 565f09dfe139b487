import assert from 'node:assert/strict';
import type { Lease, Leases } from '@safelight/core';
import { type DefineTest, hourMs, type StoreUnderTest } from './store-under-test.ts';

const key = 'l:d:2:{cat}:w_300 mark';
export const mine: Lease = { key, token: 'mine' };
export const other: Lease = { key, token: 'other' };
const recordKey = 'p:2:{cat}:w_300';
const markKey = 'g:{cat}';

export function hasLeases(test: DefineTest): void {
  test('gives a free lease, and names the holder of one that is taken', async (under) => {
    const leases = leasesOf(under);
    assert.equal((await leases.take(mine, hourMs, [])).holder, 'mine');
    assert.equal((await leases.take(other, hourMs, [])).holder, 'mine');
    assert.equal((await leases.take({ ...other, key: `${key}2` }, hourMs, [])).holder, 'other');
  });

  test('reads the keys, also when the lease is taken', async (under) => {
    const leases = leasesOf(under);
    await under.store.set(markKey, 'a mark', hourMs);
    await under.store.set(recordKey, { a: 1 }, hourMs);
    const keys = [markKey, 'g:{dog}', recordKey];
    for (const lease of [mine, other]) {
      const { values } = await leases.take(lease, hourMs, keys);
      assert.deepEqual(values, ['a mark', undefined, { a: 1 }]);
    }
  });

  test('ends a lease for its holder only', async (under) => {
    const leases = leasesOf(under);
    await leases.take(mine, hourMs, []);
    await leases.release(other);
    assert.equal((await leases.take(other, hourMs, [])).holder, 'mine');
    await leases.release(mine);
    assert.equal((await leases.take(other, hourMs, [])).holder, 'other');
    await leases.release(mine);
    assert.equal((await leases.take(mine, hourMs, [])).holder, 'other');
  });

  test('ends a lease with its time', async (under) => {
    const leases = leasesOf(under);
    await leases.take(mine, 20, []);
    await pass(under, 40);
    assert.equal((await leases.take(other, hourMs, [])).holder, 'other');
  });

  test('gives a lease to one of many', async (under) => {
    const leases = leasesOf(under);
    const tokens = Array.from({ length: 20 }, (_, index) => `token ${index}`);
    const holders = await Promise.all(
      tokens.map(async (token) => (await leases.take({ key, token }, hourMs, [])).holder),
    );
    assert.equal(new Set(holders).size, 1);
  });
}

export function leasesOf({ store }: StoreUnderTest): Leases {
  assert.ok(store.leases !== undefined, 'the store should have leases');
  return store.leases;
}

/** Moves the passed clock; a store without one is waited for. */
export async function pass({ advance }: StoreUnderTest, ms: number): Promise<void> {
  if (advance !== undefined) advance(ms);
  else await new Promise((resolve) => setTimeout(resolve, ms));
}
