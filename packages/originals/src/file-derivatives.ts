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
import { placeOf } from './folder-place.ts';
import type { TemporaryFile } from './temporary-file.ts';

export interface FileDerivativesOptions {
  /** The path of the folder, which is created when it is missing. Several processes of one machine may share it. */
  readonly directory: string;
  /**
   * How many bytes the files may take together, in whole blocks of 4096 bytes. Each process that shares the directory may
   * exceed it by 5 %.
   * @default 1_073_741_824 (1 GiB)
   */
  readonly maxBytes?: number;
  /**
   * How many bytes of the derivatives that were used last each process also holds in memory. 0: none.
   * @default 67_108_864 (64 MiB)
   */
  readonly hotBytes?: number;
  /**
   * The largest body that is held in memory, in bytes. A draft that becomes larger goes on in a file.
   * @default 262_144 (256 KiB)
   */
  readonly maxHotEntryBytes?: number;
  /** Returns epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** Gets each error of the disk, and a report of each damaged file. Must not throw. @default does nothing */
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

/** The memory of an entry besides body and head, as measured for `memoryDerivatives`: name, digest and objects. */
const hotEntryBytes = 1024;

/**
 * Stores derivatives as files of a local disk, and evicts the least recently used ones. Small derivatives that were used
 * last are also held in memory.
 *
 * A file has bytes, metadata and a footer, and appears by one rename. Nothing is fsynced: a derivative that a power cut
 * damages is noticed and can be made again. Length and metadata are checked at each open, the bytes when a process opens
 * the file for the first time.
 *
 * @throws {TypeError} when an option does not exist, or has a wrong type
 * @throws {RangeError} when a number of bytes is too small or not a whole number
 * @example
 * const derivatives = fileDerivatives({ directory: 'data/derivatives', maxBytes: 10 * 1024 ** 3, onError: console.error });
 * const draft = derivatives.create();
 * await draft.write(Buffer.from('the picture'));
 * draft.end();
 * const name = await draft.store({ type: 'image/png' }); // 32 hex digits
 * const cached = name === undefined ? undefined : await derivatives.open(name);
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
  // For lru-cache, 0 means no bound. No entry fits into 1 byte.
  const hot = new LRUCache<string, CachedBytes>({ maxSize: Math.max(1, hotBytes) });
  const disk = createDerivativeDisk(resolve(directory), {
    maxBytes,
    maxMemoryBytes: maxHotEntryBytes,
    clock,
    onError,
    onEvicted: (name) => hot.delete(name),
  });

  function holdInMemory(name: string, cached: CachedBytes): CachedBytes {
    const held = hot.get(name);
    if (held !== undefined) return held;
    const headBytes = JSON.stringify(cached.head).length;
    if (cached.body !== undefined) hot.set(name, cached, { size: cached.bytes + headBytes + hotEntryBytes });
    return cached;
  }

  async function open(name: string): Promise<CachedBytes | undefined> {
    const cached = await disk.open(name);
    return cached && holdInMemory(name, cached);
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
      // A sink is closed after its last reader.
      if (sink === undefined) await file.close();
    }
    if (body !== undefined) holdInMemory(name, cachedInMemory({ head: asWritten(head), body, digest }));
    return name;
  }

  let place: string | undefined;
  return {
    get place() {
      place ??= placeOf(resolve(directory), onError);
      return place;
    },
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

/** A copy of the head as the disk would return it: without later changes, and only with values of JSON. */
function asWritten(head: CachedHead): CachedHead {
  return JSON.parse(JSON.stringify(head)) as CachedHead;
}
