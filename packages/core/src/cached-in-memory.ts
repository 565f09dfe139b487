import { Readable } from 'node:stream';
import type { CachedBytes, CachedHead } from './derivatives.ts';

/** The parts of a cached derivative that is in memory. */
export interface CachedInMemory {
  readonly head: CachedHead;
  readonly body: Buffer;
  /** SHA-256 of the body, base64url. */
  readonly digest: string;
}

/**
 * Creates `CachedBytes` of a body that is in memory. `read` streams from the body; `release` does nothing.
 *
 * @example
 * const cached = cachedInMemory({
 *   head: { contentType: 'image/png' },
 *   body: Buffer.from('a picture'),
 *   digest: 'krL6WAKJWDF-QIvYTs-nD17jWxIZkdvCMsSdFmNTcIs',
 * });
 * cached.bytes; // 9
 */
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
