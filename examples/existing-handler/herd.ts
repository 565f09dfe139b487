import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createExample, type Kind } from './app.ts';

const sizes = Array.from({ length: 10 }, (_, index) => 100 + 20 * index);

/** The paths of the sizes of a picture, by kind of handler. */
const routes: readonly (readonly [name: string, kind: Kind, path: (id: string, width: number) => string])[] = [
  ['sharp route, bare', 'own', (id, width) => `/bare/own/${id}?w=${width}`],
  ['sharp route, guarded', 'own', (id, width) => `/own/${id}?w=${width}`],
  ['ipx, bare', 'ipx', (id, width) => `/bare/ipx/w_${width}/${id}`],
  ['ipx, guarded with `ipx()`', 'ipx', (id, width) => `/ipx/w_${width}/${id}`],
  ['middleware, bare', 'resize', (id, width) => `/bare/resize/${id}?width=${width}`],
  ['middleware, guarded with `isMissingOriginal`', 'resize', (id, width) => `/resize/${id}?width=${width}`],
];

/** The attempts of one handler in each wave, and the number of sizes that were delivered after the upload. */
export interface HerdRow {
  readonly name: string;
  /** Ten sizes of a missing picture, one after the other. */
  readonly inTurn: number;
  /** Fifty requests at once for ten sizes of another missing picture. */
  readonly firstWave: number;
  /** The same fifty requests again. */
  readonly secondWave: number;
  readonly recovered: number;
}

/** Requests missing pictures from every handler, then uploads them and requests them again. */
export async function runHerd(): Promise<readonly HerdRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-herd-'));
  const { app, attempts } = createExample(directory);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const status = async (path: string): Promise<number> => {
    const response = await fetch(origin + path);
    await response.arrayBuffer();
    return response.status;
  };
  const attemptsIn = async (kind: Kind, ask: () => Promise<unknown>): Promise<number> => {
    const before = attempts[kind];
    await ask();
    return attempts[kind] - before;
  };

  try {
    const waves: Omit<HerdRow, 'recovered'>[] = [];
    for (const [name, kind, path] of routes) {
      const inTurn = await attemptsIn(kind, async () => {
        for (const width of sizes) await status(path(`${kind}-dog.jpg`, width));
      });
      const wave = () =>
        attemptsIn(kind, () => {
          const paths = Array.from({ length: 5 }, () => sizes.map((width) => path(`${kind}-cat.jpg`, width))).flat();
          return Promise.all(paths.map(status));
        });
      waves.push({ name, inTurn, firstWave: await wave(), secondWave: await wave() });
    }
    const cat = await sharp({ create: { width: 600, height: 400, channels: 3, background: 'orange' } })
      .jpeg()
      .toBuffer();
    for (const kind of new Set(routes.map(([, kind]) => kind))) {
      await fetch(`${origin}/originals/${kind}-cat.jpg`, { method: 'PUT', body: new Uint8Array(cat) });
    }
    const rows: HerdRow[] = [];
    for (const [index, [, kind, path]] of routes.entries()) {
      const after = await Promise.all(sizes.map((width) => status(path(`${kind}-cat.jpg`, width))));
      rows.push({ ...(waves[index] as (typeof waves)[number]), recovered: after.filter((is) => is === 200).length });
    }
    return rows;
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const rows = await runHerd();
  console.log('| handler | in turn | 50 at once | 50 more | delivered after the upload |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const { name, inTurn, firstWave, secondWave, recovered } of rows) {
    console.log(`| ${name} | ${inTurn} | ${firstWave} | ${secondWave} | ${recovered} of ${sizes.length} |`);
  }
}
