import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../architecture/source-files.ts';

const run = promisify(execFile);

/**
 * Packs a package with its current `dist`.
 *
 * @param name - the package without its scope
 * @param directory - the tarball is written into a new folder in it
 * @returns the path of the tarball
 */
export async function packInto(name: string, directory: string): Promise<string> {
  const packed = await mkdtemp(join(directory, 'packed-'));
  await run('pnpm', ['pack', '--pack-destination', packed], { cwd: join(root, 'packages', name) });
  const [tarball = ''] = await readdir(packed);
  return join(packed, tarball);
}
