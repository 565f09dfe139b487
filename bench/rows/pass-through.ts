import { type Row, ratio } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurns } from '../take-turns.ts';

/** More connections would measure how they share a core. */
const connections = 2;

/** A long body through a guard that holds no failure and caches nothing. */
export async function passThrough(scene: Scene): Promise<readonly Row[]> {
  const megabytesFrom = async (name: string) => {
    const url = `${await scene.start(name)}/stream`;
    return async () => (await scene.load(url, connections)).bytesPerSecond / 1e6;
  };
  const { bare, guarded } = await takeTurns(scene.rounds, {
    bare: await megabytesFrom('plain'),
    guarded: await megabytesFrom('guarded'),
  });
  return [
    {
      what: 'stream of 100 MB, nothing held and nothing cached',
      other: `${Math.round(bare)} MB/s`,
      safelight: `${Math.round(guarded)} MB/s`,
      reached: ratio(guarded, bare),
      aim: '≥ 0.95',
    },
  ];
}
