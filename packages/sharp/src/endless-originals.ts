import { TransformError } from '@safelight/core';
import type { Transformation } from '@safelight/protocol';
import { LRUCache } from 'lru-cache';

/** Remembers originals that have taken too long with one step, so that not each of their sizes does so again. */
export interface EndlessOriginals {
  /** @throws {TransformError} `busy`, which is not held, for a minute after an earlier derivation has taken too long */
  check(versionId: string): void;
  /** Remembers a timeout, if the transformation is simple: many steps may take long with any original. */
  add(versionId: string, transformation: Transformation, error: unknown): void;
}

const maxOriginals = 1_000;
const rememberedMs = 60_000;

export function createEndlessOriginals(): EndlessOriginals {
  const endless = new LRUCache<string, true>({ max: maxOriginals, ttl: rememberedMs });
  return {
    check(versionId) {
      if (!endless.has(versionId)) return;
      const retryAfterMs = endless.getRemainingTTL(versionId);
      throw new TransformError('busy', 'Another size of this picture has just taken too long', { retryAfterMs });
    },
    add(versionId, transformation, error) {
      if (TransformError.is(error) && error.code === 'timed_out' && transformation.length <= 1)
        endless.set(versionId, true);
    },
  };
}
