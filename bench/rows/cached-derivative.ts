import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurnsAtUrls } from '../take-turns.ts';

/** What is kept, answered in Express: by a cloud, and by a guard around a handler of one's own. */
export async function cachedDerivative(scene: Scene): Promise<readonly Row[]> {
  return [...(await cachedBy(scene, 'cloud')), ...(await cachedBy(scene, 'guard'))];
}

async function cachedBy(scene: Scene, door: 'cloud' | 'guard'): Promise<readonly Row[]> {
  const guarded = await scene.start('guarded');
  const path = door === 'guard' ? '/thumbs/cat' : await pictureOfCloud(guarded);
  const file = `${await scene.start('plain')}/files/picture.jpg`;
  const cached = `${guarded}${path}`;
  const replay = `${await scene.start('replay', 'express', cached)}${path}`;
  const rates = await takeTurnsAtUrls(scene, { file, replay, cached });
  const what = `kept derivative of 30 kB, by ${door === 'cloud' ? '`cloud`' : '`guard(handler, { keep: true })`'}`;
  return [
    rateRow(`${what}, against \`express.static\` on such a file`, rates.file, rates.cached, '≥ 1.5'),
    rateRow(`${what}, against a route that writes the same bytes and headers`, rates.replay, rates.cached, '≥ 0.9'),
  ];
}

/** The path of one derivation in the cloud of such a server. */
export async function pictureOfCloud(origin: string): Promise<string> {
  return (await (await fetch(`${origin}/picture-of-cloud`)).json()) as string;
}
