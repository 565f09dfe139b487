import type { Store } from '@safelight/core';
import { median } from './median.ts';
import { openStore } from './open-store.ts';

/**
 * Measures the CPU time that one look-up with `redisStore` costs its process: the kernel's part for the socket counts. Prints
 * the median of the rounds in microseconds. Started as `time-look-ups socket`.
 */

const [path = ''] = process.argv.slice(2);
const store = (await openStore('redis', path)) as Store;
const asset = '{demo/image/cat}';
const keys = [`g:${asset}`, ...['a', 'v', 'p', 't', 'd'].map((kind) => `${kind}:2:${asset}:c_fill,w_300`)];
const failure = { schema: 2, code: 'missing_original', status: 404, class: 'absence', message: 'x'.repeat(40) };
await store.set(keys[0] ?? '', 'u7RkZ0lqS9-2fVvWb1xY3A', 60_000);
await store.set(
  keys[1] ?? '',
  { ...failure, stamp: 'u7RkZ0lqS9-2fVvWb1xY3A', rung: 1, since: 1, failedAt: 1, until: 2 },
  60_000,
);

const underWay = 32;
const lookUps = 20_000;
const rounds: number[] = [];
for (let round = 0; round < 12; round += 1) {
  const before = process.cpuUsage();
  let left = lookUps;
  const lookUpNext = async (): Promise<void> => {
    while (left-- > 0) await store.getMany(keys);
  };
  await Promise.all(Array.from({ length: underWay }, lookUpNext));
  const { user, system } = process.cpuUsage(before);
  // The first rounds warm up.
  if (round >= 2) rounds.push((user + system) / lookUps);
}
console.log(median(rounds));
process.exit(0);
