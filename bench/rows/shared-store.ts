import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Row, rateRow } from '../row.ts';
import type { Scene } from '../scene.ts';
import { startRedis } from '../start-redis.ts';
import { takeTurnsAtUrls } from '../take-turns.ts';

/** What a store costs that several processes share, against the store in the memory of one process. */
export async function sharedStore(scene: Scene): Promise<readonly Row[]> {
  const redis = await startRedis(scene);
  if (redis === undefined) {
    scene.note('redis-server is not installed, so `redisStore` was not measured.');
    return [];
  }
  const rows: Row[] = [];
  const embedded = await scene.start('guarded');
  const shared = await scene.start('guarded', 'redis', redis.path);
  const keyv = await scene.start('guarded', 'keyv', redis.path);
  for (const [what, path] of [
    ['held failure', '/missing/cat'],
    ['cached derivative of 30 kB', '/thumbs/cat'],
  ] as const) {
    const urls = { embedded: embedded + path, shared: shared + path, keyv: keyv + path };
    const rates = await takeTurnsAtUrls(scene, urls);
    rows.push(
      rateRow(`${what}, with \`redisStore\` against the embedded store`, rates.embedded, rates.shared, '≥ 0.6'),
    );
    rows.push(rateRow(`the same with a Keyv over this Redis`, rates.embedded, rates.keyv, ''));
  }
  const lookUp = await measured('time-look-ups', redis.path);
  rows.push({
    what: 'CPU of one look-up with `redisStore`, 32 at a time, 6 keys each',
    ...{ other: '', safelight: `${lookUp.toFixed(1)} µs`, reached: '', aim: '≤ 10 µs' },
  });
  const recovery = await measured('time-recovery', redis.url);
  rows.push({
    what: 'from the start of an upload to one process until another one has sent the file, p99 of 300',
    ...{ other: '', safelight: `${recovery.toFixed(1)} ms`, reached: '', aim: '≤ 50 ms' },
  });
  return rows;
}

async function measured(script: string, where: string): Promise<number> {
  const file = fileURLToPath(new URL(`../${script}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, where]);
  return Number(stdout);
}
