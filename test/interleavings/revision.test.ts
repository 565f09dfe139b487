import assert from 'node:assert/strict';
import { createGuard, missingOriginal, type Store } from '@safelight/core';
import { memoryStore } from '@safelight/stores';

/** A store of this process is not read again inside a flight while nothing has been written to it. */
describe('a look-up that is not repeated', () => {
  function counted(): { readonly store: Store; reads(): number } {
    const store = memoryStore();
    let reads = 0;
    const getManyNow: Store['getManyNow'] = (keys) => {
      reads += 1;
      return store.getManyNow?.(keys) ?? [];
    };
    return { store: { ...store, getManyNow }, reads: () => reads };
  }

  const target = { assets: ['cat'] as const, derivation: 'w_1', version: undefined };
  const made = { take: () => true, checksSuccess: false };

  it('is repeated as soon as anything was written since, by whoever shares the store', async () => {
    const { store, reads } = counted();
    const [one, other] = [createGuard({ store }), createGuard({ store })];
    await one.handle({ target, ...made, work: async () => 'picture' });
    const before = reads();
    await one.handle({ target, ...made, work: async () => 'picture' });
    assert.equal(reads() - before, 1, 'nothing was written');

    let present = false;
    let searched: () => void = () => undefined;
    const hasSearched = new Promise<void>((resolve) => {
      searched = resolve;
    });
    let goOn: () => void = () => undefined;
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const find = async () => {
      const found = present;
      searched();
      await mayGoOn;
      if (!found) throw missingOriginal('cat');
      return 'picture';
    };
    const early = one.handle({ target, ...made, work: (attempt) => attempt.findOriginal(find) });
    await hasSearched;
    present = true;
    await other.changed('cat');
    const late = await one.handle({ target, ...made, work: (attempt) => attempt.findOriginal(async () => 'picture') });
    assert.equal(late.kind, 'made', 'a request after the acknowledgement');
    goOn();
    assert.equal((await early).kind, 'made', 'a late failure is looked into again, not remembered');
    assert.equal(await one.recall({ target }), undefined);
  });

  it('is repeated by those who waited: what was recorded meanwhile is held, not run into', async () => {
    const guard = createGuard({ store: memoryStore() });
    let goOn: () => void = () => undefined;
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const own = { target, take: () => false, checksSuccess: false };
    await guard.handle({ ...own, work: async () => 'picture' });
    const leader = guard.handle({
      ...own,
      work: async () => {
        await mayGoOn;
        return 'picture';
      },
    });
    let runs = 0;
    const follower = guard.handle({
      ...own,
      work: async () => {
        runs += 1;
        return 'picture';
      },
    });
    const sibling = await guard.handle({
      ...made,
      target: { ...target, derivation: 'w_2' },
      work: async () => {
        throw missingOriginal('cat');
      },
    });
    assert.equal(sibling.kind, 'failed');
    goOn();
    assert.equal((await leader).kind, 'made');
    const waited = await follower;
    assert.deepEqual([waited.kind, waited.kind === 'failed' && waited.source, runs], ['failed', 'held', 0]);
  });
});
