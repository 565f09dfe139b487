import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, readPlainTextNow } from './durable-file.ts';

const fileName = 'place';
const pattern = /^[\w-]{16}$/;

/**
 * The random ID of a folder of derivatives. It is in a file of the folder, so all processes that share the folder have the
 * same one, also after a restart. The first process writes it. It is synchronous, because a request without a promise
 * needs it, and it happens once per process.
 *
 * If the file cannot be read or written, the ID is one of this process only: then it does not use what other processes
 * have stored in the folder. A damaged file is replaced.
 */
export function placeOf(root: string, onError: (error: unknown) => void): string {
  const fresh = randomBytes(12).toString('base64url');
  try {
    return readPlace(root) ?? claimPlace(root, fresh);
  } catch (error) {
    onError(error);
    return fresh;
  }
}

/** @returns `undefined` when the file is missing or damaged */
function readPlace(root: string): string | undefined {
  try {
    const text = readPlainTextNow(join(root, fileName)).trim();
    return pattern.test(text) ? text : undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Of several processes that do this at the same time, one gives its ID to all. The file appears complete. */
function claimPlace(root: string, fresh: string): string {
  const path = join(root, fileName);
  const written = join(root, `${fileName}-${fresh}`);
  mkdirSync(root, { recursive: true });
  writeFileSync(written, `${fresh}\n`, { flag: 'wx' });
  try {
    linkSync(written, path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    const known = readPlace(root);
    if (known !== undefined) return known;
    rmSync(path, { force: true });
    linkSync(written, path);
  } finally {
    rmSync(written, { force: true });
  }
  return fresh;
}
