import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import {
  type CachedBytes,
  type CachedHead,
  cachedInMemory,
  createDraft,
  type Derivatives,
  type EndedDraft,
} from '@safelight/core';
import { checkOptions, functionValue, type OptionRule, required, textValue, wholeValue } from '@safelight/protocol';
import { LRUCache } from 'lru-cache';
import { createDerivativeDisk } from './derivative-disk.ts';
import { isDerivativeName } from './derivative-folder.ts';
import { formatTrailer } from './derivative-trailer.ts';
import type { TemporaryFile } from './temporary-file.ts';

export interface FileDerivativesOptions {
  /** Created when it is not there. Several processes of one machine may share it. */
  readonly directory: string;
  /**
   * How many bytes the files take together at most, whole blocks of 4096 bytes counted; each process that shares the
   * directory may exceed it by 5 %.
   * @default 1_073_741_824 (1 GiB)
   */
  readonly maxBytes?: number;
  /**
   * How many bytes of those used last are held in memory as well, for each process.
   * @default 67_108_864 (64 MiB)
   */
  readonly hotBytes?: number;
  /**
   * The largest body that is held in memory; also how much of one that is being made is, before it goes to the disk.
   * @default 262_144 (256 KiB)
   */
  readonly maxHotEntryBytes?: number;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** Sees every fault of the disk, and what was found damaged. Must not throw. @default nothing */
  readonly onError?: (error: unknown) => void;
}

const rules: Readonly<Record<keyof FileDerivativesOptions, OptionRule>> = {
  directory: required(textValue("the path of a folder, such as 'data/derivatives'")),
  maxBytes: wholeValue({ min: 4096, unit: 'bytes' }),
  hotBytes: wholeValue({ min: 0, unit: 'bytes' }),
  maxHotEntryBytes: wholeValue({ min: 0, unit: 'bytes' }),
  clock: functionValue('Date.now'),
  onError: functionValue('console.error'),
};

/** What surrounds a body in memory, as measured for `memoryDerivatives`: name, entry, digest and objects. */
const hotEntryBytes = 1024;

/**
 * Derivatives as files of a local disk, the least recently used of which are evicted, and the smaller ones of those used
 * last in memory as well.
 *
 * A file is bytes, facts and footer, and appears by one rename. Nothing is fsynced: what a power cut takes can be made
 * again, and is noticed. Its length and facts are checked at every open, its bytes when this process opens it first.
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when a number of bytes cannot be used
 */
export function fileDerivatives(options: FileDerivativesOptions): Derivatives {
  checkOptions<FileDerivativesOptions>('fileDerivatives()', options, rules);
  const {
    directory,
    maxBytes = 1024 ** 3,
    hotBytes = 64 * 1024 ** 2,
    maxHotEntryBytes = 256 * 1024,
    clock = Date.now,
    onError = () => undefined,
  } = options;
  // To lru-cache 0 means no bound; into 1 nothing fits.
  const hot = new LRUCache<string, CachedBytes>({ maxSize: Math.max(1, hotBytes) });
  const disk = createDerivativeDisk(resolve(directory), {
    maxBytes,
    maxMemoryBytes: maxHotEntryBytes,
    clock,
    onError,
    onEvicted: (name) => hot.delete(name),
  });

  function heat(name: string, cached: CachedBytes): CachedBytes {
    const there = hot.get(name);
    if (there !== undefined) return there;
    const headBytes = JSON.stringify(cached.head).length;
    if (cached.body !== undefined) hot.set(name, cached, { size: cached.bytes + headBytes + hotEntryBytes });
    return cached;
  }

  async function open(name: string): Promise<CachedBytes | undefined> {
    const cached = await disk.open(name);
    return cached && heat(name, cached);
  }

  async function store(
    { bytes, digest, body, sink }: EndedDraft<TemporaryFile>,
    head: CachedHead,
  ): Promise<string | undefined> {
    const name = randomBytes(16).toString('hex');
    const trailer = formatTrailer({ name, bytes, digest, head });
    const file = sink ?? (await disk.createFile());
    try {
      if (body !== undefined) await file.append(body);
      await file.append(trailer);
      await disk.publish(file, name, bytes + trailer.length);
    } finally {
      // A sink is closed when its last reader has left.
      if (sink === undefined) await file.close();
    }
    if (body !== undefined) heat(name, cachedInMemory({ head: asWritten(head), body, digest }));
    return name;
  }

  return {
    open(name) {
      const cached = hot.get(name);
      if (cached === undefined) return isDerivativeName(name) ? open(name) : undefined;
      disk.use(name);
      return cached;
    },
    create() {
      return createDraft({ memoryBytes: maxHotEntryBytes, openSink: disk.createFile, store, onError });
    },
    async remove(name) {
      if (!isDerivativeName(name)) return;
      hot.delete(name);
      await disk.remove(name);
    },
  };
}

/** A copy of the head as the disk would return it: later changes do not reach it, and it holds only what JSON can. */
function asWritten(head: CachedHead): CachedHead {
  return JSON.parse(JSON.stringify(head)) as CachedHead;
}
