import { readFileSync } from 'node:fs';
import { constants, type FileHandle, link, lstat, open, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';

const readOnlyNoFollow = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Whether an error is a system error with one of these codes. */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Reads a file. A symbolic link is not followed: it throws ELOOP. Windows has no such flag and follows it. */
export function readPlainFile(path: string): Promise<Buffer> {
  return readFile(path, { flag: readOnlyNoFollow });
}

/** Reads a file as text, synchronously, for checks at creation. Otherwise like {@link readPlainFile}. */
export function readPlainTextNow(path: string): string {
  return readFileSync(path, { flag: readOnlyNoFollow }).toString('utf8');
}

/** Opens a file for reading. A symbolic link is not followed, see {@link readPlainFile}. */
export function openPlainFile(path: string): Promise<FileHandle> {
  return open(path, readOnlyNoFollow);
}

/**
 * The bytes of a file from `start` (default 0) to before `end` (default: all), as they are read. The file is opened at the
 * first read, and closed at the end or when the reader stops.
 */
export async function* readPlainChunks(
  path: string,
  { start = 0, end }: { readonly start?: number | undefined; readonly end?: number | undefined } = {},
): AsyncGenerator<Buffer> {
  const handle = await openPlainFile(path);
  // A stream of a file has at least one byte.
  if (end !== undefined && start >= end) return handle.close();
  yield* handle.createReadStream({ start, ...(end === undefined ? {} : { end: end - 1 }) });
}

/** Writes a new file. When this resolves, its bytes survive a power cut, but its name does not yet. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Gives a file a second name, atomically.
 * @returns `false` when the name is taken
 * @throws {Error} when the file system has no hard links; the message says what to do
 */
export async function linkExclusively(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    throw new Error(
      `No hard link could be made at ${to}. Originals need a file system with hard links (ext4, XFS, btrfs, APFS, NTFS); choose a directory on one, and check that this process may write there.`,
      { cause: error },
    );
  }
}

/** Makes the names in a directory survive a power cut. Does nothing on Windows, which cannot open directories. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network and FUSE file systems cannot fsync a directory.
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * The names in a folder below `root`; none when the folder does not exist.
 * @throws {Error} when the folder is behind a symbolic link inside `root`
 */
export async function namesInside(root: string, path: string): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
  const [realRoot, realPath] = await Promise.all([realpath(root), realpath(path)]);
  if (relative(realRoot, realPath) === relative(root, path)) return names;
  throw new Error(
    `${path} leads to ${realPath}: symbolic links inside the directory of originals are not followed. Replace the link with a real folder.`,
  );
}

/** Removes a file that is not needed any more. Never rejects: a file that stays is removed later. */
export async function removeLeftover(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** An unused file that is older than this was left by a killed process. */
const leftoverAgeMs = 24 * 60 * 60 * 1000;

/** Removes a file that was not changed for {@link leftoverAgeMs}. Never rejects. */
export async function removeStale(path: string, nowMs: number): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats !== undefined && nowMs - stats.ctimeMs > leftoverAgeMs) await removeLeftover(path);
}

const sweepEveryMs = 3_600_000;

/**
 * Creates a function that removes temporary files that killed processes have left: at its first call, and then once an hour.
 *
 * @param clock - epoch milliseconds
 */
export function createSweep(directory: string, clock: () => number): () => Promise<void> {
  let sweptAt = Number.NEGATIVE_INFINITY;
  return async function sweep() {
    const now = clock();
    if (now - sweptAt < sweepEveryMs) return;
    sweptAt = now;
    const names = await readdir(directory).catch(() => []);
    for (const name of names) await removeStale(join(directory, name), now);
  };
}
