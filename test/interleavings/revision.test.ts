import assert from 'node:assert/strict';
import { createGuard, missingOriginal, type Store } from '@safelight/core';
import { memoryStore } from '@safelight/stores';

/** Within a run, a store in this process is not read again unless it was written since. */
describe('the second look-up of a run', () => {
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

  it('is left out, unless any guard with this store has written since the first look-up', async () => {
    const { store, reads } = counted();
    const [guard, other] = [createGuard({ store }), createGuard({ store })];
    await guard.handle({ target, ...made, work: async () => 'picture' });
    const before = reads();
    await guard.handle({ target, ...made, work: async () => 'picture' });
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
    const early = guard.handle({ target, ...made, work: (attempt) => attempt.findOriginal(find) });
    await hasSearched;
    present = true;
    await other.changed('cat');
    const late = await guard.handle({
      target,
      ...made,
      work: (attempt) => attempt.findOriginal(async () => 'picture'),
    });
    assert.equal(late.kind, 'made', 'a request after the acknowledgement');
    goOn();
    assert.equal(
      (await early).kind,
      'made',
      'after a late failure the request looks up again, and the failure is not recorded',
    );
    assert.equal(await guard.recall({ target }), undefined);
  });

  it('is made by a request that waited: a failure recorded in the meantime is held, and its handler does not run', async () => {
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
