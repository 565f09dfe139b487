import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface DerivativeFiles {
  /** The names of the stored derivatives. */
  readonly names: readonly string[];
  /** The bytes of their files. */
  readonly bytes: number;
  /** The paths of the files of drafts. */
  readonly temporary: readonly string[];
}

/** Lists a directory of derivatives, without files that vanish meanwhile. */
export async function derivativeFiles(directory: string): Promise<DerivativeFiles> {
  const names: string[] = [];
  const temporary: string[] = [];
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (relative(directory, path).startsWith('tmp')) {
      temporary.push(path);
      continue;
    }
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) continue;
    bytes += stats.size;
    names.push(relative(directory, path).replace('/', ''));
  }
  return { names, bytes, temporary };
}

export function pathOf(directory: string, name: string): string {
  return join(directory, name.slice(0, 2), name.slice(2));
}
