import assert from 'node:assert/strict';
import {
  createGuard,
  type Guard,
  type GuardOptions,
  missingOriginal,
  type Outcome,
  type Target,
} from '@safelight/core';
import { memoryStore } from '@safelight/stores';

const MAX_ENTRIES = 10_000;

/** Opens each name. */
const derivatives: NonNullable<GuardOptions['derivatives']> = {
  open: (name) => ({ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0), read: never, release: () => {} }),
  create: never,
  remove: async () => {},
};

function never(): never {
  throw new Error('This call was not expected.');
}

const targetOf = (asset: string): Target => ({
  assets: [asset],
  derivation: 'w_300',
  version: undefined,
  isCached: true,
});

/** Requests a picture. @returns the kind of the outcome */
async function ask(guard: Guard, asset: string, exists = true): Promise<Outcome<string>['kind']> {
  const { kind } = await guard.handle({
    target: targetOf(asset),
    take: () => true,
    checksSuccess: false,
    async work() {
      if (!exists) throw missingOriginal(asset);
      return 'picture';
    },
    storeValue: async () => ({ name: asset, cachedAt: Date.now() }),
  });
  return kind;
}

async function flood(guard: Guard, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await ask(guard, `random/${i}`, false);
}

describe('memoryStore under a flood of random URLs that fail', function () {
  this.timeout(60_000);

  it('does not lose cached derivatives, of assets that have changed and of others', async () => {
    const guard = createGuard({ store: memoryStore({ maxEntries: MAX_ENTRIES }), derivatives });
    await guard.changed('renewed');
    for (const asset of ['renewed', 'never changed']) assert.equal(await ask(guard, asset), 'made');
    await flood(guard, 3 * MAX_ENTRIES);
    for (const asset of ['renewed', 'never changed']) assert.equal(await ask(guard, asset), 'cached');
  });

  it('evicts old failures, and holds at least half of `maxEntries`, the newest', async () => {
    const guard = createGuard({ store: memoryStore({ maxEntries: 1000 }) });
    await flood(guard, 3000);
    const isHeld = async (i: number) => (await guard.recall({ target: targetOf(`random/${i}`) })) !== undefined;
    assert.equal(await isHeld(0), false);
    for (let i = 2500; i < 3000; i += 1) assert.equal(await isHeld(i), true, `random/${i}`);
  });

  it('evicts no marks because of reads, in any order', async () => {
    const store = memoryStore({ maxMarks: 100 });
    const keys = Array.from({ length: 100 }, (_, i) => `g:{asset ${i}}`);
    for (const key of keys) await store.set(key, key, Infinity);
    const absentMark = store.absentMark?.();
    assert.ok(absentMark);
    for (let i = 0; i < 1000; i += 1) assert.ok(store.getManyNow?.([keys[(i * 37) % 100] as string])[0]);
    assert.equal(store.absentMark?.(), absentMark);
  });
});
