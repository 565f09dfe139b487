import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurnsAtUrls } from '../take-turns.ts';

/** A guard around a handler that always succeeds. */
export async function nothingHeld(scene: Scene): Promise<readonly Row[]> {
  const bare = `${await scene.start('plain')}/hello`;
  const guarded = `${await scene.start('guarded')}/hello`;
  const rates = await takeTurnsAtUrls(scene, { bare, guarded });
  return [rateRow('nothing held, around a handler that sends five bytes', rates.bare, rates.guarded, '≥ 0.85')];
}
