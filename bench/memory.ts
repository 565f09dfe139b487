import { createGuard, missingOriginal } from '@safelight/core';
import { memoryStore } from '@safelight/stores';

/** What a flood of random URLs does to a process. Run with `--expose-gc`; prints two numbers as JSON. */

const flood = Number(process.argv[2] ?? 1_000_000);
const guard = createGuard({ store: memoryStore() });
const collect = () => {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.();
};

async function ask(i: number): Promise<void> {
  const name = `folder/${(i * 2654435761) % 4294967296}/picture-${i}`;
  await guard.handle({
    target: { assets: [name], derivation: `/demo/image/upload/c_fill,h_200,w_300/${name}.jpg`, version: undefined },
    work: async () => {
      throw missingOriginal(name);
    },
    isShareable: () => true,
    checksSuccess: true,
  });
}

await ask(-1);
collect();
const before = process.memoryUsage();
const held = 40_000;
for (let i = 0; i < held; i += 1) await ask(i);
collect();
const bytesPerFailure = (process.memoryUsage().heapUsed - before.heapUsed) / held;
for (let i = held; i < flood; i += 1) await ask(i);
collect();
const after = process.memoryUsage();
const grownMb = (after.rss - before.rss) / 2 ** 20;
console.log(JSON.stringify({ bytesPerFailure, grownMb, heapMb: (after.heapUsed - before.heapUsed) / 2 ** 20 }));
