import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** Creates a folder on the disk. */
export async function temporaryDirectory(parent: string = tmpdir()): Promise<string> {
  const directory = await mkdtemp(join(parent, 'safelight-originals-'));
  made.push(directory);
  return directory;
}

/**
 * Creates a folder in memory, if the system has such a file system. Tests of kills and races do not need a disk, and a
 * thousand fsyncs on a busy disk would take as long as all other tests.
 */
export async function directoryInMemory(): Promise<string> {
  const hasMemory = await access('/dev/shm', constants.W_OK).then(
    () => true,
    () => false,
  );
  return temporaryDirectory(hasMemory ? '/dev/shm' : tmpdir());
}

export async function removeTemporaryDirectories(): Promise<void> {
  await Promise.all(made.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
}
