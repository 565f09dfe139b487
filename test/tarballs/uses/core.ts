import { createGuard, missingOriginal, type StoredValue } from '@safelight/core';

// The core has no store, so this project implements one.
const values = new Map<string, StoredValue>();
const guard = createGuard({
  store: {
    getMany: async (keys) => keys.map((key) => values.get(key)),
    set: async (key, value) => values.set(key, value) === values,
    delete: async (key) => values.delete(key) || true,
  },
});

const originals = new Set<string>();
let runs = 0;
const handle = async () => {
  const outcome = await guard.handle({
    target: { assets: ['cat'], derivation: 'w_300', version: undefined },
    work: async () => {
      runs += 1;
      if (!originals.has('cat')) throw missingOriginal('cat');
      return 'picture';
    },
    take: () => true,
    checksSuccess: true,
  });
  return outcome.kind === 'made' ? outcome.value : outcome.kind;
};

const outcomes = [await handle(), await handle()];
originals.add('cat');
await guard.changed('cat');
outcomes.push(await handle());
console.log(JSON.stringify({ outcomes, runs }));
