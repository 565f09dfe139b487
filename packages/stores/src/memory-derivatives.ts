import { randomBytes } from 'node:crypto';
import { type CachedBytes, type CachedHead, cachedInMemory, createDraft, type Derivatives } from '@safelight/core';
import { checkOptions, wholeValue } from '@safelight/protocol';
import { LRUCache } from 'lru-cache';

export interface MemoryDerivativesOptions {
  /**
   * How many bytes are kept at most: bodies, heads and 1024 bytes each for what surrounds them.
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBytes?: number;
  /**
   * The largest body that is kept. Also how many bytes are held for slow readers while a body is being made; beyond
   * that the slowest reader sets the pace.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxEntryBytes?: number;
}

/** Name, entry, digest and objects; measured: 770 with a head of two short lines, which takes more than its JSON. */
const entryBytes = 1024;

/**
 * The embedded derivatives of one process: the least recently used are evicted first. Each body is one `Buffer`, and
 * all readers get the same object.
 *
 * @throws TypeError when an option does not exist, or has a wrong type
 * @throws RangeError when a number of bytes is not a whole number of at least 1
 */
export function memoryDerivatives(options: MemoryDerivativesOptions = {}): Derivatives {
  const bytesRule = wholeValue({ min: 1, unit: 'bytes' });
  checkOptions<MemoryDerivativesOptions>('memoryDerivatives()', options, {
    maxBytes: bytesRule,
    maxEntryBytes: bytesRule,
  });
  const { maxBytes = 64 * 1024 ** 2, maxEntryBytes = 1024 ** 2 } = options;
  const entries = new LRUCache<string, CachedBytes>({ maxSize: maxBytes });

  function store(cached: CachedBytes, headBytes: number): string | undefined {
    const name = randomBytes(16).toString('hex');
    entries.set(name, cached, { size: cached.bytes + headBytes + entryBytes });
    return entries.has(name) ? name : undefined;
  }

  return {
    open: (name) => entries.get(name),
    create: () =>
      createDraft({
        memoryBytes: maxEntryBytes,
        async store({ body, digest }, head) {
          if (body === undefined) return undefined;
          // A copy, so that later changes do not reach it, and only what JSON can hold is kept, as in every other
          // store.
          const json = JSON.stringify(head);
          return store(cachedInMemory({ head: JSON.parse(json) as CachedHead, body, digest }), json.length);
        },
      }),
    async remove(name) {
      entries.delete(name);
    },
  };
}
