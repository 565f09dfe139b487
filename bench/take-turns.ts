import type { Load } from './load.ts';
import { median } from './median.ts';

const WARM_UPS = 2;

/**
 * Measures every side once in each round, and compares the medians of the rounds: what else the machine does hits all
 * sides. Two more rounds come first, which only warm up.
 */
export async function takeTurns<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<number>>>,
): Promise<Readonly<Record<Side, number>>> {
  const entries = Object.entries(sides) as [Side, () => Promise<number>][];
  const measured = new Map<Side, number[]>(entries.map(([side]) => [side, []]));
  for (let round = -WARM_UPS; round < rounds; round += 1) {
    // Whoever comes after a heavy side would always be the same one.
    for (const [side, measure] of round % 2 === 0 ? entries : entries.toReversed()) {
      const value = await measure();
      if (round >= 0) measured.get(side)?.push(value);
    }
  }
  return Object.fromEntries([...measured].map(([side, values]) => [side, median(values)])) as Record<Side, number>;
}

/** How often a second each URL is answered, by turns. */
export function takeTurnsAtUrls<Side extends string>(
  { rounds, load }: { readonly rounds: number; readonly load: Load },
  urls: Readonly<Record<Side, string>>,
): Promise<Readonly<Record<Side, number>>> {
  const sides = Object.entries<string>(urls).map(([side, url]) => [
    side,
    async () => (await load(url)).requestsPerSecond,
  ]);
  return takeTurns(rounds, Object.fromEntries(sides) as Record<Side, () => Promise<number>>);
}
