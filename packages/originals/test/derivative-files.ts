import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface DerivativeFiles {
  /** The names under which something is kept. */
  readonly names: readonly string[];
  /** What their files take, to the byte. */
  readonly bytes: number;
  /** The files of drafts, with their paths. */
  readonly temporary: readonly string[];
}

/** What lies in a directory of derivatives; what vanishes meanwhile does not. */
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
