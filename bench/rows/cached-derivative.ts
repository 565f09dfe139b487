import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurnsAtUrls } from '../take-turns.ts';

/** A cached derivative in Express: served by a cloud, and by a guard around a handler. */
export async function cachedDerivative(scene: Scene): Promise<readonly Row[]> {
  return [...(await cachedBy(scene, 'cloud')), ...(await cachedBy(scene, 'guard'))];
}

async function cachedBy(scene: Scene, mount: 'cloud' | 'guard'): Promise<readonly Row[]> {
  const guarded = await scene.start('guarded');
  const path = mount === 'guard' ? '/thumbs/cat' : await pictureOfCloud(guarded);
  const file = `${await scene.start('plain')}/files/picture.jpg`;
  const cached = `${guarded}${path}`;
  const replay = `${await scene.start('replay', 'express', cached)}${path}`;
  const rates = await takeTurnsAtUrls(scene, { file, replay, cached });
  const what = `cached derivative of 30 kB, by ${mount === 'cloud' ? '`cloud`' : '`guard(handler, { cache: true })`'}`;
  return [
    rateRow(`${what}, against \`express.static\` on such a file`, rates.file, rates.cached, '≥ 1.5'),
    rateRow(`${what}, against a route that writes the same bytes and headers`, rates.replay, rates.cached, '≥ 0.95'),
  ];
}

/** Asks a bench server for the path of a derivative in its cloud. */
export async function pictureOfCloud(origin: string): Promise<string> {
  return (await (await fetch(`${origin}/picture-of-cloud`)).json()) as string;
}
