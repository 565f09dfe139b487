import { readFileSync } from 'node:fs';
import { constants, type FileHandle, link, lstat, open, readFile, rm } from 'node:fs/promises';

const readOnlyNoFollow = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** True when `error` is a system error with one of these codes. */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** A file's bytes. A symbolic link is not followed but throws ELOOP (on Windows, which has no such flag, it is followed). */
export function readPlainFile(path: string): Promise<Buffer> {
  return readFile(path, { flag: readOnlyNoFollow });
}

/** The text of a file, without a promise: for what has to be known at creation. As {@link readPlainFile}. */
export function readPlainTextNow(path: string): string {
  return readFileSync(path, { flag: readOnlyNoFollow }).toString('utf8');
}

/** Opens a file for reading. A symbolic link is not followed, as by {@link readPlainFile}. */
export function openPlainFile(path: string): Promise<FileHandle> {
  return open(path, readOnlyNoFollow);
}

/**
 * A file's bytes from `start` (0) to before `end` (all), as they are read; opened at the first read, closed at the end or
 * when the reader leaves.
 */
export async function* readPlainChunks(
  path: string,
  { start = 0, end }: { readonly start?: number | undefined; readonly end?: number | undefined } = {},
): AsyncGenerator<Buffer> {
  const handle = await openPlainFile(path);
  yield* handle.createReadStream({ start, ...(end === undefined ? {} : { end: end - 1 }) });
}

/** Writes a new file and resolves when its bytes would survive a power cut (its name would not yet). */
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
 * @returns false when the name is taken
 * @throws when the file system has no hard links, with what to do
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

/** Makes the names in a directory survive a power cut, where the system can (Windows cannot open directories). */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network and FUSE file systems have no fsync for directories; they cannot do better than this.
    if (!isSystemError(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
  } finally {
    await handle.close();
  }
}

/** Removes a file that is no longer needed. Never rejects: a leftover is tried again later. */
export async function removeLeftover(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** An unused file that is older than this was left by a writer that died. */
const leftoverAgeMs = 24 * 60 * 60 * 1000;

/** Removes a file that was not modified for {@link leftoverAgeMs}. */
export async function removeStale(path: string, nowMs: number): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats !== undefined && nowMs - stats.ctimeMs > leftoverAgeMs) await removeLeftover(path);
}
