import assert from 'node:assert/strict';
import type { Store } from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { storeConformance } from '@safelight/stores/conformance';

/** Runs the whole suite. @returns the titles of the tests that failed */
async function failuresOf(spoil: (store: Store) => Partial<Store>): Promise<readonly string[]> {
  const tests: { readonly title: string; readonly run: () => Promise<void> }[] = [];
  storeConformance({
    describe: (_title, define) => define(),
    it: (title, run) => tests.push({ title, run }),
    capabilities: { passedClock: true, shared: true, outage: true },
    create() {
      let now = 1_800_000_000_000;
      let reachable = true;
      const good = memoryStore({ clock: () => now });
      const reach = async <Result>(act: () => Promise<Result>): Promise<Result> => {
        if (!reachable) throw new Error('connection refused');
        return act();
      };
      const networked: Store = {
        getMany: (keys) => reach(() => good.getMany(keys)),
        set: (key, value, ttlMs) => reach(() => good.set(key, value, ttlMs)),
        delete: (key) => reach(() => good.delete(key)),
      };
      const store = { ...networked, ...spoil(networked) };
      return {
        store,
        second: store,
        advance: (ms) => {
          now += ms;
        },
        cut: async () => {
          reachable = false;
        },
        mend: async () => {
          reachable = true;
        },
      };
    },
  });
  const failed: string[] = [];
  for (const { title, run } of tests) await run().catch(() => failed.push(title));
  return failed;
}

const faults: Readonly<Record<string, (store: Store) => Partial<Store>>> = {
  'returns values in its own order': (store) => ({ getMany: async (keys) => store.getMany([...keys].sort()) }),
  'leaves absent keys out': (store) => ({
    getMany: async (keys) => (await store.getMany(keys)).filter((value) => value !== undefined),
  }),
  'confirms without writing': () => ({ set: async () => true }),
  'never confirms': (store) => ({ set: async (...call) => (await store.set(...call)) && false }),
  'ignores later writes': (store) => ({
    set: async (key, value, ttlMs) => (await store.getMany([key]))[0] !== undefined || store.set(key, value, ttlMs),
  }),
  'does not confirm the removal of an absent key': (store) => ({
    delete: async (key) => (await store.getMany([key]))[0] !== undefined && store.delete(key),
  }),
  'does not remove': () => ({ delete: async () => true }),
  'mixes up keys in upper and lower case': (store) => ({
    set: (key, value, ttlMs) => store.set(key.toLowerCase(), value, ttlMs),
    getMany: (keys) => store.getMany(keys.map((key) => key.toLowerCase())),
  }),
  'reads an outage as absence': (store) => ({
    getMany: (keys) => store.getMany(keys).catch(() => keys.map(() => undefined)),
  }),
  'confirms writes during an outage': (store) => ({ set: (...call) => store.set(...call).catch(() => true) }),
  'confirms removals during an outage': (store) => ({ delete: (key) => store.delete(key).catch(() => true) }),
  'never lets a key expire': (store) => ({ set: (key, value) => store.set(key, value, Number.POSITIVE_INFINITY) }),
  'lets keys expire too early': (store) => ({ set: (key, value, ttlMs) => store.set(key, value, ttlMs / 2) }),
  'changes the list of keys': (store) => ({
    getMany: (keys) => store.getMany((keys as string[]).reverse().reverse()),
  }),
  'turns text that looks like JSON into an object': (store) => ({
    getMany: async (keys) =>
      (await store.getMany(keys)).map((value) =>
        typeof value === 'string' && value.startsWith('{') ? JSON.parse(value) : value,
      ),
  }),
};

describe('storeConformance', () => {
  it('passes for a store that meets the contract', async () => {
    assert.deepEqual(await failuresOf(() => ({})), []);
  });

  for (const [fault, spoil] of Object.entries(faults)) {
    it(`fails for a store that ${fault}`, async () => {
      assert.notDeepEqual(await failuresOf(spoil), []);
    });
  }
});
