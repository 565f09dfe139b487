import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createExample } from './app.ts';

const sizes = Array.from({ length: 10 }, (_, index) => 100 + 20 * index);

/** Where ten sizes of one picture are, by kind of handler. */
const routes: readonly (readonly [name: string, kind: 'own' | 'ipx', path: (width: number) => string])[] = [
  ['sharp route, bare', 'own', (width) => `/bare/own/cat.jpg?w=${width}`],
  ['sharp route, guarded', 'own', (width) => `/own/cat.jpg?w=${width}`],
  ['ipx, bare', 'ipx', (width) => `/bare/ipx/w_${width}/cat.jpg`],
  ['ipx, guarded', 'ipx', (width) => `/ipx/w_${width}/cat.jpg`],
];

/** What one handler went through: its attempts in each wave, and how many sizes were there after the upload. */
export interface HerdRow {
  readonly name: string;
  readonly firstWave: number;
  readonly secondWave: number;
  readonly recovered: number;
}

/** Sends 50 requests at once for ten sizes of a picture that is not there, twice; then uploads it and asks once more. */
export async function runHerd(): Promise<readonly HerdRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-herd-'));
  const { app, attempts } = createExample(directory);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const statuses = (paths: readonly string[]): Promise<readonly number[]> =>
    Promise.all(
      paths.map(async (path) => {
        const answer = await fetch(origin + path);
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
  const wave = async (kind: 'own' | 'ipx', path: (width: number) => string): Promise<number> => {
    const before = attempts[kind];
    await statuses(Array.from({ length: 5 }, () => sizes.map(path)).flat());
    return attempts[kind] - before;
  };

  try {
    const waves: Omit<HerdRow, 'recovered'>[] = [];
    for (const [name, kind, path] of routes) {
      waves.push({ name, firstWave: await wave(kind, path), secondWave: await wave(kind, path) });
    }
    const cat = await sharp({ create: { width: 600, height: 400, channels: 3, background: 'orange' } })
      .jpeg()
      .toBuffer();
    await fetch(`${origin}/originals/cat.jpg`, { method: 'PUT', body: new Uint8Array(cat) });
    const rows: HerdRow[] = [];
    for (const [index, [, , path]] of routes.entries()) {
      const after = await statuses(sizes.map(path));
      rows.push({ ...(waves[index] as HerdRow), recovered: after.filter((status) => status === 200).length });
    }
    return rows;
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const rows = await runHerd();
  console.log('| handler | 50 requests, original missing | 50 more | sizes there after the upload |');
  console.log('| --- | ---: | ---: | ---: |');
  for (const { name, firstWave, secondWave, recovered } of rows) {
    console.log(`| ${name} | ${firstWave} attempts | ${secondWave} attempts | ${recovered} of ${sizes.length} |`);
  }
}
