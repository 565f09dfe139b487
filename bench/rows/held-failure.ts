import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurnsAtUrls } from '../take-turns.ts';

/** A failure that a guard in Express holds. */
export async function heldFailure(scene: Scene): Promise<readonly Row[]> {
  const held = `${await scene.start('guarded')}/missing/cat`;
  const replay = `${await scene.start('replay', 'express', held)}/missing/cat`;
  const rates = await takeTurnsAtUrls(scene, { replay, held });
  const what = 'held failure in Safelight’s words, against a route that writes the same bytes and headers';
  return [rateRow(what, rates.replay, rates.held, '≥ 0.95')];
}
