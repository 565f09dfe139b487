import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** A new folder on the disk, where fsync costs what it costs. */
export async function temporaryDirectory(parent: string = tmpdir()): Promise<string> {
  const directory = await mkdtemp(join(parent, 'safelight-originals-'));
  made.push(directory);
  return directory;
}

/**
 * A new folder in memory where there is such a thing. Kills and races need no disk (only a power cut would), and a
 * thousand fsyncs on a busy one would take the time of all other tests together.
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
