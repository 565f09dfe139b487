import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { installedVersion } from './installed-version.ts';
import type { Scene } from './scene.ts';

/** A Redis of the scene, at a Unix socket and at a port of the loopback interface. */
export interface OwnRedis {
  readonly version: string;
  readonly path: string;
  readonly url: string;
}

/** @returns `undefined` when redis-server is not installed */
export async function startRedis(scene: Scene): Promise<OwnRedis | undefined> {
  const version = installedVersion('redis-server', '--version');
  if (version === undefined) return undefined;
  const directory = await scene.temporaryDirectory();
  const path = join(directory, 'redis.sock');
  const port = await freePort();
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--unixsocket', path];
  const settings = ['--save', '', '--appendonly', 'no', '--dir', directory, '--loglevel', 'warning'];
  await scene.run('redis-server', [...where, ...settings], { path });
  return { version, path, url: `redis://127.0.0.1:${port}` };
}
