import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type CachedBytes, cachedInMemory } from '@safelight/core';
import { LRUCache } from 'lru-cache';
import type { Bucket } from './bucket.ts';
import type { ByteCache } from './byte-cache.ts';
import { type DerivativeHead, derivativeKey } from './derivative-object.ts';
import {
  chunksOfDerivative,
  derivativeInBucket,
  derivativeInMemory,
  derivativeOnDisk,
  type FoundDerivative,
  fetchDerivative,
} from './open-derivative.ts';
import type { StoredDerivative } from './store-derivative.ts';

/** Opens derivatives: from memory, from the local disk, or from the bucket. */
export interface DerivativeReads {
  /** Never rejects. */
  open(name: string): CachedBytes | undefined | Promise<CachedBytes | undefined>;
  /** Holds what was just stored. */
  hold(stored: StoredDerivative): void;
  forget(name: string): void;
}

interface ReadOptions {
  readonly bucket: Bucket;
  readonly cache: ByteCache;
  readonly hotBytes: number;
  readonly maxHotEntryBytes: number;
  readonly onError: (error: unknown) => void;
}

/** The memory of an entry besides body and head: name, digest and objects. */
const entryBytes = 1024;
const largeHeads = 4096;
/**
 * A larger derivative is streamed from the bucket, since the first byte would come late. Others are copied to this disk first:
 * then they can be read to the end, also when they are removed from the bucket meanwhile.
 */
const maxCopyBytes = 32 * 1024 ** 2;

export function createDerivativeReads(options: ReadOptions): DerivativeReads {
  const { bucket, cache, hotBytes, maxHotEntryBytes, onError } = options;
  // For lru-cache, 0 means no bound. No entry fits into 1 byte.
  const hot = new LRUCache<string, CachedBytes>({ maxSize: Math.max(1, hotBytes) });
  /** The heads of large derivatives that were stored or opened here. */
  const large = new LRUCache<string, DerivativeHead>({ max: largeHeads });

  function holdInMemory(name: string, cached: CachedBytes): CachedBytes {
    hot.set(name, cached, { size: cached.bytes + JSON.stringify(cached.head).length + entryBytes });
    return cached;
  }

  async function onDisk(known: DerivativeHead): Promise<CachedBytes | undefined> {
    try {
      const path = await cache.find(known.name, known.bytes);
      return path === undefined ? undefined : await derivativeOnDisk(path, known);
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  async function openLarge(found: FoundDerivative): Promise<CachedBytes> {
    const { name, bytes, digest, head } = found;
    large.set(name, { name, bytes, digest, head });
    const load = (path: string) =>
      pipeline(chunksOfDerivative(bucket, found, { start: 0, end: bytes }), createWriteStream(path));
    const path = bytes <= maxCopyBytes ? await cache.fetch(name, bytes, load) : await cache.find(name, bytes);
    return path === undefined ? derivativeInBucket(bucket, found) : derivativeOnDisk(path, found);
  }

  async function open(name: string): Promise<CachedBytes | undefined> {
    const known = large.get(name);
    const copy = known && (await onDisk(known));
    if (copy !== undefined) return copy;
    try {
      const found = await fetchDerivative(bucket, name, maxHotEntryBytes);
      if (found === undefined) return undefined;
      if (found === 'damaged') throw new Error(`The derivative ${name} in the bucket is damaged. It counts as absent.`);
      const isSmall = found.bytes <= maxHotEntryBytes;
      return isSmall ? holdInMemory(name, derivativeInMemory(found)) : await openLarge(found);
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  return {
    open: (name) => hot.get(name) ?? (derivativeKey(name) === undefined ? undefined : open(name)),
    hold({ name, bytes, digest, head, body }) {
      if (body === undefined) large.set(name, { name, bytes, digest, head });
      else holdInMemory(name, cachedInMemory({ head, digest, body }));
    },
    forget(name) {
      hot.delete(name);
      large.delete(name);
    },
  };
}
