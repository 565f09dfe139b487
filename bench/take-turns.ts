import type { Load } from './load.ts';
import { median } from './median.ts';

const warmUps = 2;

/**
 * Measures every side once in each round, and returns the median of each side: other load on the machine slows all sides
 * alike. Two warm-up rounds come first; they do not count.
 */
export async function takeTurns<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<number>>>,
): Promise<Readonly<Record<Side, number>>> {
  const entries = Object.entries(sides) as [Side, () => Promise<number>][];
  const measured = new Map<Side, number[]>(entries.map(([side]) => [side, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    // The order alternates, so that it is not always the same side that follows a heavy one.
    for (const [side, measure] of round % 2 === 0 ? entries : entries.toReversed()) {
      const value = await measure();
      if (round >= 0) measured.get(side)?.push(value);
    }
  }
  return Object.fromEntries([...measured].map(([side, values]) => [side, median(values)])) as Record<Side, number>;
}

/** Measures the requests a second at each URL, by turns. */
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
