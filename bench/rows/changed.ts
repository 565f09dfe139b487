import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Row, ratio } from '../row.ts';
import type { Scene } from '../scene.ts';
import { startRedis } from '../start-redis.ts';

/** Whether `changed` takes longer for an asset with many cached derivatives and held failures. */
export async function changed(scene: Scene): Promise<readonly Row[]> {
  const embedded = await rowOf('the embedded store', 10_000, []);
  const redis = await startRedis(scene);
  if (redis === undefined) {
    scene.note('redis-server is not installed, so `changed` was not measured with it.');
    return [embedded];
  }
  return [embedded, await rowOf(`\`redisStore\` and Redis ${redis.version}`, 10_000, [redis.path])];
}

async function rowOf(store: string, count: number, args: readonly string[]): Promise<Row> {
  const script = fileURLToPath(new URL('../time-changed.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(count), ...args]);
  const { one, many } = JSON.parse(stdout) as { readonly one: number; readonly many: number };
  const each = count.toLocaleString('en');
  return {
    what: `\`changed\` with ${store}: ${each} cached derivatives and ${each} held failures of the asset, against one of each`,
    other: microseconds(one),
    safelight: microseconds(many),
    reached: ratio(many, one),
    aim: '≤ 1.5',
  };
}

function microseconds(ms: number): string {
  return `${(ms * 1000).toFixed(1)} µs`;
}
