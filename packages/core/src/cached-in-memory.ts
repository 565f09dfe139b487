import { Readable } from 'node:stream';
import type { CachedBytes, CachedHead } from './derivatives.ts';

export interface CachedInMemory {
  readonly head: CachedHead;
  readonly body: Buffer;
  /** SHA-256 of the body, base64url. */
  readonly digest: string;
}

/** Kept bytes that lie in memory as a whole. */
export function cachedInMemory({ head, body, digest }: CachedInMemory): CachedBytes {
  return {
    head,
    body,
    digest,
    bytes: body.length,
    read(start = 0, end = body.length) {
      return Readable.from(body.subarray(Math.max(0, start), Math.max(0, end)), { objectMode: false });
    },
    release: () => undefined,
  };
}
