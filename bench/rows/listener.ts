import { nginx, varnish } from '../proxies.ts';
import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { takeTurnsAtUrls } from '../take-turns.ts';
import { pictureOfCloud } from './cached-derivative.ts';

const aims: Readonly<Record<string, string>> = {
  'cached derivative of 30 kB, nginx': '≥ 0.85',
  'held failure, Varnish': '≥ 0.85',
};

/** Early responses of `listener`: against `node:http` alone, and beside caching proxies. */
export async function listener(scene: Scene): Promise<readonly Row[]> {
  const early = await scene.start('listener');
  const paths = { 'cached derivative of 30 kB': await pictureOfCloud(early), 'held failure': '/missing/cat' };
  const replay = ['replay', 'http', ...Object.values(paths).map((path) => early + path)] as const;
  const bare = await scene.start(...replay);
  const origin = await scene.start(...replay);
  const proxies = Object.entries({ nginx: await nginx(scene, origin), Varnish: await varnish(scene, origin) }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const rows: Row[] = [];
  for (const [what, path] of Object.entries(paths)) {
    const urls = Object.entries({ bare, early, ...Object.fromEntries(proxies) }).map(([side, at]) => [side, at + path]);
    const rates: Readonly<Record<string, number>> = await takeTurnsAtUrls(scene, Object.fromEntries(urls));
    const rowBeside = (side: string, other: string, aim: string) =>
      rateRow(`${what}, by \`listener\`, ${other}`, rates[side] ?? Number.NaN, rates['early'] ?? Number.NaN, aim);
    rows.push(rowBeside('bare', 'against `node:http` that writes the same bytes and headers', '≥ 0.95'));
    for (const [name] of proxies) rows.push(rowBeside(name, `beside ${name}`, aims[`${what}, ${name}`] ?? ''));
  }
  await checkThatProxiesCache(origin);
  return rows;
}

const maxOriginRequests = 100;

async function checkThatProxiesCache(origin: string): Promise<void> {
  const count = (await (await fetch(`${origin}/response-count`)).json()) as number;
  if (count > maxOriginRequests) {
    throw new Error(`The proxies sent ${count} requests to their origin: they do not cache its responses.`);
  }
}
