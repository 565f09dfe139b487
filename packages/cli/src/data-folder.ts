import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from './exit-code.ts';

/**
 * Creates the data folder and checks that it can be written, so that a mistake is reported at start and not by the
 * first upload.
 * @throws {CommandError} with the path and the reason, when the folder cannot be written
 */
export async function makeDataFolder(path: string): Promise<void> {
  const folder = resolve(path);
  try {
    await mkdir(folder, { recursive: true });
    await rm(await mkdtemp(join(folder, '.writable-')), { recursive: true });
  } catch (error) {
    throw failure(`the data folder ${folder} cannot be written: ${reasonOf(error)}; choose another with --data`, error);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'something on its path is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return message;
  }
}
