import { createGuard, missingOriginal } from '@safelight/core';
import { memoryStore } from '@safelight/stores';

/** Holds 40,000 failures and prints how many bytes of heap each takes. Run with `--expose-gc`. */

const count = 40_000;
const guard = createGuard({ store: memoryStore() });

async function fail(i: number): Promise<void> {
  const name = `folder/${(i * 2654435761) % 4294967296}/picture-${i}`;
  await guard.handle({
    target: { assets: [name], derivation: 'c_fill,h_200,w_300.jpg', version: undefined },
    work: async () => {
      throw missingOriginal(name);
    },
    take: () => true,
    checksSuccess: true,
  });
}

function heapUsed(): number {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

for (let i = -1000; i < 0; i += 1) await fail(i);
const before = heapUsed();
for (let i = 0; i < count; i += 1) await fail(i);
console.log(Math.round((heapUsed() - before) / count));
