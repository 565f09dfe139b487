import autocannon from 'autocannon';
import { median } from '../median.ts';
import { type Row, ratio } from '../row.ts';
import type { Scene } from '../scene.ts';

const rounds = 5;

/** 1,000 requests at once for 100 derivations of one missing original. The look-up takes 200 ms. */
export async function herd(scene: Scene): Promise<readonly Row[]> {
  const bare = await scene.start('plain');
  const guarded = await scene.start('guarded');
  const slowest = { bare: [] as number[], guarded: [] as number[] };
  const lookUps: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await fetch(`${guarded}/changed`, { method: 'POST' });
    slowest.bare.push(await slowestOf(bare));
    slowest.guarded.push(await slowestOf(guarded));
    lookUps.push((await (await fetch(`${guarded}/look-ups`)).json()) as number);
  }
  const waited = { bare: median(slowest.bare), guarded: median(slowest.guarded) };
  const what = '1,000 requests at once, 100 derivations of one missing original';
  return [
    {
      what: `${what}: look-ups`,
      other: '1000',
      safelight: String(median(lookUps)),
      reached: String(median(lookUps)),
      aim: '1',
    },
    {
      what: `${what}: slowest response`,
      other: `${Math.round(waited.bare)} ms`,
      safelight: `${Math.round(waited.guarded)} ms`,
      reached: ratio(waited.guarded, waited.bare),
      aim: '≤ 1.5',
    },
  ];
}

async function slowestOf(origin: string): Promise<number> {
  const { latency } = await autocannon({
    url: origin,
    connections: 1000,
    amount: 1000,
    requests: Array.from({ length: 100 }, (_, width) => ({ path: `/sizes/${width}` })),
  });
  return latency.max;
}
