import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { unauthorized } from './api-error.ts';

/** How a signature may be used again while it is valid. */
export type SignatureReuse = 'any' | 'same-operation' | 'never';

/** What a signature is used for. */
export interface SignatureUse {
  readonly signature: string;
  /** The operation, and the resource type if the call names an asset. */
  readonly purpose: string;
  /** The call; parts of one upload, and repeats with one `Idempotency-Key`, are one call. */
  readonly call: string;
}

/**
 * Remembers the signatures of this process while they are valid. Cloudinary's scheme signs the parameters, and neither
 * the operation nor the resource type: the signature of an upload is also that of a `destroy` with the same parameters
 * in the same second. So an SDK that destroys and uploads in one second sends one signature twice, and by default this
 * is accepted.
 */
export interface UsedSignatures {
  /**
   * Uses a signature for one request.
   *
   * @returns a function that gives it back, for a request that has changed nothing. Call it at most once.
   * @throws {ApiError} 401 when the signature was used for something else, or may be used once and was used
   */
  use(use: SignatureUse): () => void;
}

interface UsedFor extends Omit<SignatureUse, 'signature'> {
  readonly usedAt: number;
  /** The requests of the call that have not given it back. */
  requests: number;
}

/** A repeated call gets the response of the first one for ten minutes. Later it would be another call. */
const repeatableMs = 600_000;
const maxRemembered = 100_000;
/** A signature is valid for an hour before and after its timestamp. */
const validMs = 2 * 3_600_000;

export function createUsedSignatures(reuse: SignatureReuse, clock: () => number): UsedSignatures {
  // It takes some megabytes, also while it is empty.
  const used = reuse === 'any' ? undefined : new LRUCache<string, UsedFor>({ max: maxRemembered, ttl: validMs });
  return {
    use({ signature, purpose, call }) {
      if (used === undefined) return () => undefined;
      const earlier = used.get(signature);
      const entry = earlier ?? { purpose, call, usedAt: clock(), requests: 0 };
      const giveBack = (): void => {
        entry.requests -= 1;
        if (entry.requests === 0 && used.get(signature) === entry) used.delete(signature);
      };
      if (earlier === undefined) {
        entry.requests = 1;
        used.set(signature, entry);
        return giveBack;
      }
      if (earlier.purpose !== purpose) {
        throw unauthorized(
          `This signature was used for ${earlier.purpose}, and is not valid for ${purpose}. Sign the call again.`,
        );
      }
      if (reuse === 'never' && (earlier.call !== call || clock() - earlier.usedAt > repeatableMs)) {
        throw unauthorized('This signature was used before. Sign each call with a new timestamp.');
      }
      entry.requests += 1;
      return giveBack;
    },
  };
}

/** Parts of one upload, and repeats with one key, are one call: they may have the same signature. */
export function callIdOf(req: IncomingMessage): string {
  const { 'idempotency-key': key, 'x-unique-upload-id': uploadId, 'content-range': range } = req.headers;
  if (typeof key === 'string' && key !== '') return `key ${key}`;
  return range !== undefined && typeof uploadId === 'string' && uploadId !== ''
    ? `upload ${uploadId}`
    : randomBytes(16).toString('hex');
}
