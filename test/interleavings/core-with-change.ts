import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export type Core = typeof import('@safelight/core');

/** A change of the compiled core that undoes one of its steps. */
export interface CodeChange {
  /** A file of the core, without its folder and its extension. */
  readonly file: string;
  /** The text to replace. Only the space at the ends of its lines may be different in the file. */
  readonly from: string;
  readonly to: string;
}

const coreEntry = import.meta.resolve('@safelight/core');
const protocolEntry = import.meta.resolve('@safelight/protocol');
const space = /\s+/g;

/**
 * Loads a copy of the core with a change.
 * @throws when the text to replace is not in its file exactly once: then the code has changed, and the change must too
 */
export async function coreWith({ file, from, to }: CodeChange): Promise<Core> {
  const directory = mkdtempSync(join(tmpdir(), 'safelight-core-'));
  try {
    const compiled = fileURLToPath(new URL('.', coreEntry));
    const copy = join(directory, 'dist');
    cpSync(compiled, copy, { recursive: true, filter: (path) => !/\.(?:map|ts|cts|tsbuildinfo)$/.test(path) });
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    mkdirSync(join(directory, 'node_modules/@safelight'), { recursive: true });
    symlinkSync(
      fileURLToPath(new URL('..', protocolEntry)),
      join(directory, 'node_modules/@safelight/protocol'),
      'junction',
    );
    const path = join(copy, `${file}.js`);
    writeFileSync(path, replacedOnce(readFileSync(path, 'utf8'), from, to, file));
    return (await import(pathToFileURL(join(copy, 'index.js')).href)) as Core;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function replacedOnce(text: string, from: string, to: string, file: string): string {
  const parts = from
    .trim()
    .split(space)
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  const pattern = new RegExp(parts.join('\\s+'), 'g');
  const count = text.match(pattern)?.length ?? 0;
  if (count !== 1)
    throw new Error(`${file}.js has ${count} times: ${from}. Change the text of this test as the code has changed.`);
  return text.replace(pattern, () => to);
}
