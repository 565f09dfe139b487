import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installedVersion } from '../installed-version.ts';
import { type Row, ratio } from '../row.ts';
import type { Scene } from '../scene.ts';

/** Whether `changed` takes longer for an asset with many cached derivatives and held failures. */
export async function changed(scene: Scene): Promise<readonly Row[]> {
  const embedded = await rowOf('the embedded store', []);
  const version = installedVersion('redis-server', '--version');
  if (version === undefined) {
    scene.note('redis-server is not installed, so `changed` was not measured with it.');
    return [embedded];
  }
  const directory = await scene.temporaryDirectory();
  const path = join(directory, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', directory];
  await scene.run('redis-server', [...settings, '--loglevel', 'warning'], { path });
  return [embedded, await rowOf(`Redis ${version}`, [path])];
}

async function rowOf(store: string, args: readonly string[]): Promise<Row> {
  const script = fileURLToPath(new URL('../time-changed.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  const { one, many } = JSON.parse(stdout) as { readonly one: number; readonly many: number };
  return {
    what: `\`changed\` with ${store}: 10,000 cached derivatives and 10,000 held failures of the asset, against one of each`,
    other: microseconds(one),
    safelight: microseconds(many),
    reached: ratio(many, one),
    aim: '≤ 1.5',
  };
}

function microseconds(ms: number): string {
  return `${(ms * 1000).toFixed(1)} µs`;
}
