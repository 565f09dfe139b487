import { LRUCache } from 'lru-cache';
import { OriginalRefusal } from './original-refusal.ts';

/** Remembers the errors of originals, so that their other derivations need not read them again. */
export interface RefusedOriginals {
  /** @throws {TransformError} the error of an earlier derivation */
  check(original: string): void;
  /** Remembers the error, if it is about the original. */
  add(original: string, error: unknown): void;
}

const maxOriginals = 10_000;

/** The bytes of a version never change, so a refusal is remembered until there are too many. */
export function createRefusedOriginals(): RefusedOriginals {
  const refused = new LRUCache<string, Pick<OriginalRefusal, 'code' | 'message'>>({ max: maxOriginals });
  return {
    check(original) {
      const known = refused.get(original);
      if (known !== undefined) throw new OriginalRefusal(known.code, known.message);
    },
    add(original, error) {
      if (error instanceof OriginalRefusal) refused.set(original, { code: error.code, message: error.message });
    },
  };
}
