import { randomBytes } from 'node:crypto';
import { type CachedBytes, type CachedHead, cachedInMemory, createDraft, type Derivatives } from '@safelight/core';
import { checkOptions, wholeValue } from '@safelight/protocol';
import { LRUCache } from 'lru-cache';

export interface MemoryDerivativesOptions {
  /**
   * The largest total size in bytes: the bodies, the heads as JSON, and 1024 bytes for each derivative.
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBytes?: number;
  /**
   * The largest body that is cached, in bytes. Also how many bytes of one body are held for slow readers while it is
   * made. For a larger body, the handler waits for the slowest reader.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxEntryBytes?: number;
}

/** For the name, entry, digest and objects. Measured: 770 with a head of two short fields. */
const entryBytes = 1024;

/**
 * Caches derivatives in the memory of this process. The least recently used are evicted first. Each body is one
 * `Buffer`, which all its readers share.
 *
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when a number of bytes is not a whole number of at least 1
 *
 * @example
 * const derivatives = memoryDerivatives({ maxBytes: 256 * 1024 ** 2 });
 * const draft = derivatives.create();
 * draft.write(Buffer.from('a picture'));
 * draft.end();
 * const name = await draft.store({ contentType: 'image/png' });
 * if (name !== undefined) (await derivatives.open(name))?.bytes; // 9
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
    place: randomBytes(12).toString('base64url'),
    open: (name) => entries.get(name),
    create: () =>
      createDraft({
        memoryBytes: maxEntryBytes,
        async store({ body, digest }, head) {
          if (body === undefined) return undefined;
          // A copy by JSON, as in all other caches, so that later changes of the head have no effect.
          const json = JSON.stringify(head);
          return store(cachedInMemory({ head: JSON.parse(json) as CachedHead, body, digest }), json.length);
        },
      }),
    async remove(name) {
      entries.delete(name);
    },
  };
}
