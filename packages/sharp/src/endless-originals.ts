import { TransformError } from '@safelight/core';
import { LRUCache } from 'lru-cache';

/** Remembers originals that have taken too long or too much memory, so that not each of their sizes does so again. */
export interface EndlessOriginals {
  /** @throws {TransformError} the error of an earlier derivation of this version, for a minute */
  check(versionId: string): void;
  /** Remembers the error, if it is about time or memory. */
  add(versionId: string, error: unknown): void;
}

const maxOriginals = 1_000;
const rememberedMs = 60_000;
const codes: ReadonlySet<string> = new Set(['timed_out', 'too_many_pixels']);

export function createEndlessOriginals(): EndlessOriginals {
  const errors = new LRUCache<string, TransformError>({ max: maxOriginals, ttl: rememberedMs });
  return {
    check(versionId) {
      const known = errors.get(versionId);
      if (known === undefined) return;
      throw new TransformError(known.code, `${known.message} (found with another size of this picture)`);
    },
    add(versionId, error) {
      // Pixels are counted before the work, for each size anew. Only what the work needed has a cause.
      const isOfOriginal = TransformError.is(error) && codes.has(error.code);
      if (isOfOriginal && (error.code === 'timed_out' || error.cause !== undefined)) errors.set(versionId, error);
    },
  };
}
