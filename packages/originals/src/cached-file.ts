import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type CachedBytes, cachedInMemory } from '@safelight/core';
import { type DerivativeMetadata, maxTrailerBytes, parseTrailer } from './derivative-trailer.ts';
import { isSystemError, openPlainFile } from './durable-file.ts';
import { rangeStream, readExactly } from './read-range.ts';

/** An open file of a derivative. Its length is right. */
export interface CachedFile {
  readonly cached: CachedBytes;
  readonly fileBytes: number;
  /** Its last use by its modification time, epoch milliseconds. */
  readonly usedAt: number;
}

interface CachedFileOptions {
  readonly name: string;
  /** Bodies up to this length are read into memory. */
  readonly maxMemoryBytes: number;
}

/**
 * Opens a derivative. `'otherFormat'`: another release has written the file. `'damaged'`: its length or its metadata is not
 * the stored one; the bytes are not checked.
 */
export async function openCachedFile(
  path: string,
  { name, maxMemoryBytes }: CachedFileOptions,
): Promise<CachedFile | 'absent' | 'otherFormat' | 'damaged'> {
  let handle: FileHandle | undefined;
  let isHandedOver = false;
  try {
    handle = await openPlainFile(path);
    const stats = await handle.stat();
    if (!stats.isFile()) return 'damaged';
    const fileBytes = stats.size;
    const isSmall = fileBytes <= maxMemoryBytes + maxTrailerBytes;
    const end = await readExactly(handle, isSmall ? 0 : fileBytes - maxTrailerBytes, fileBytes);
    const metadata = parseTrailer(end, { name, fileBytes });
    if (metadata === undefined) return 'damaged';
    if (metadata === 'otherFormat') return metadata;
    const isInMemory = isSmall && metadata.bytes <= maxMemoryBytes;
    isHandedOver = !isInMemory;
    const cached = isInMemory
      ? cachedInMemory({ ...metadata, body: end.subarray(0, metadata.bytes) })
      : cachedOnDisk(handle, metadata);
    return { cached, fileBytes, usedAt: Math.round(stats.mtimeMs) };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'absent';
    // The path is a symbolic link.
    if (isSystemError(error, 'ELOOP')) return 'damaged';
    throw error;
  } finally {
    if (!isHandedOver) await handle?.close();
  }
}

/** Whether the bytes are those that were stored. Reads all of them. */
export async function isIntact({ body, digest, read }: CachedBytes): Promise<boolean> {
  const hash = createHash('sha256');
  if (body !== undefined) hash.update(body);
  else for await (const chunk of read()) hash.update(chunk);
  return hash.digest('base64url') === digest;
}

/** Owns the open file. The file is closed after the release and the end of the last stream. */
function cachedOnDisk(handle: FileHandle, { head, bytes, digest }: DerivativeMetadata): CachedBytes {
  let users = 1;
  let isReleased = false;
  function onClosed(): void {
    users -= 1;
    if (users === 0) handle.close().catch(() => undefined);
  }
  return {
    head,
    bytes,
    digest,
    body: undefined,
    read(start = 0, end = bytes) {
      users += 1;
      return rangeStream(handle, { start: Math.max(0, start), end: Math.min(bytes, end), onClosed });
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      onClosed();
    },
  };
}
