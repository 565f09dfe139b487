import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type CachedBytes, cachedInMemory } from '@safelight/core';
import { type DerivativeFacts, maxTrailerBytes, parseTrailer } from './derivative-trailer.ts';
import { isSystemError, openPlainFile } from './durable-file.ts';
import { rangeStream, readExactly } from './read-range.ts';

/** A derivative's file, opened; its length is right. */
export interface CachedFile {
  readonly cached: CachedBytes;
  readonly fileBytes: number;
  /** Its last use as far as the disk knows, epoch ms. */
  readonly usedAt: number;
}

interface CachedFileOptions {
  readonly name: string;
  /** Bodies up to this length are read into memory. */
  readonly maxMemoryBytes: number;
}

/**
 * Opens a derivative; `'otherFormat'` when another release has written it; `'damaged'` when what lies there is not what was
 * kept, as far as its length and facts show.
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
    const facts = parseTrailer(end, { name, fileBytes });
    if (facts === undefined) return 'damaged';
    if (facts === 'otherFormat') return facts;
    const isInMemory = isSmall && facts.bytes <= maxMemoryBytes;
    isHandedOver = !isInMemory;
    const cached = isInMemory
      ? cachedInMemory({ ...facts, body: end.subarray(0, facts.bytes) })
      : cachedOnDisk(handle, facts);
    return { cached, fileBytes, usedAt: Math.round(stats.mtimeMs) };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'absent';
    // A symbolic link.
    if (isSystemError(error, 'ELOOP')) return 'damaged';
    throw error;
  } finally {
    if (!isHandedOver) await handle?.close();
  }
}

/** Whether the bytes are the ones that were kept: reads them all. */
export async function isIntact({ body, digest, read }: CachedBytes): Promise<boolean> {
  const hash = createHash('sha256');
  if (body !== undefined) hash.update(body);
  else for await (const chunk of read()) hash.update(chunk);
  return hash.digest('base64url') === digest;
}

/** Owns the open file: it is closed when it was released and the last stream has ended. */
function cachedOnDisk(handle: FileHandle, { head, bytes, digest }: DerivativeFacts): CachedBytes {
  let users = 1;
  let isReleased = false;
  function onLeft(): void {
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
      return rangeStream(handle, { start: Math.max(0, start), end: Math.min(bytes, end), onLeft });
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      onLeft();
    },
  };
}
