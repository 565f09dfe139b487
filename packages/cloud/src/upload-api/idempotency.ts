import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Original } from '@safelight/core';
import { badRequest } from './api-error.ts';
import type { Call } from './call.ts';

export interface IdempotencyOptions {
  /** Running calls are never forgotten; of the others the oldest go first. @default 1000 */
  readonly maxKeys?: number;
  /** How long an answer is remembered once it is there. @default 600_000, 10 minutes */
  readonly lifeMs?: number;
  /** Epoch milliseconds. */
  clock(): number;
}

export interface IdempotentCall {
  /** The caller's key with its identity; `undefined` runs without memory. */
  readonly key: string | undefined;
  /** What the call asks for: the same key with another fingerprint is a mistake. */
  readonly fingerprint: string;
}

export type Once<Response, Progress> = (
  call: IdempotentCall,
  run: (progress: Partial<Progress>) => Promise<Response>,
) => Promise<Response>;

interface Known<Response, Progress> {
  readonly fingerprint: string;
  readonly progress: Partial<Progress>;
  /** Of the run under way, or of the one that succeeded. */
  response: Promise<Response> | undefined;
  /** `undefined` while it runs, however long that takes. */
  endsAt: number | undefined;
}

/**
 * Remembers answers by `Idempotency-Key`, in this process. Calls with one key share one run. A run that fails can be tried
 * again: it is forgotten, unless it has noted in `progress` what must not be done twice. The next run is given that.
 */
export function idempotency<Response, Progress extends object>({
  maxKeys = 1_000,
  lifeMs = 600_000,
  clock,
}: IdempotencyOptions): Once<Response, Progress> {
  const known = new Map<string, Known<Response, Progress>>();

  function forgetOldest(): void {
    for (const [key, { endsAt }] of known) {
      if (known.size <= maxKeys) break;
      if (endsAt !== undefined) known.delete(key);
    }
  }

  return async function once({ key, fingerprint }, run) {
    if (key === undefined) return run({});
    const earlier = known.get(key);
    const isLive = earlier !== undefined && (earlier.endsAt === undefined || earlier.endsAt > clock());
    if (isLive && earlier.fingerprint !== fingerprint) {
      throw badRequest('This Idempotency-Key was sent with another request before. Use a new key for each request.');
    }
    if (isLive && earlier.response !== undefined) return earlier.response;
    const progress = isLive ? earlier.progress : {};
    const response = run(progress);
    const entry: Known<Response, Progress> = { fingerprint, progress, response, endsAt: undefined };
    known.delete(key);
    known.set(key, entry);
    forgetOldest();
    try {
      return await response;
    } catch (error) {
      entry.response = undefined;
      if (Object.keys(progress).length === 0) known.delete(key);
      throw error;
    } finally {
      entry.endsAt = clock() + lifeMs;
    }
  };
}

/** What a call has changed already and does not change again when it is repeated. */
export interface Progress {
  /** An upload that is published, though perhaps not confirmed. */
  stored: StoredUpload;
  renamed: Original;
  destroyed: true;
}

/** The result of publishing an upload. */
export interface StoredUpload {
  readonly original: Original;
  /** The ID was taken and nothing was replaced. */
  readonly existing: boolean;
  /** The ID was taken and this is its new version. */
  readonly overwritten: boolean;
  /** Of a picture. */
  readonly pages: number | undefined;
}

const maxKeyLength = 255;

/** What differs when one call is signed again. */
const signing: ReadonlySet<string> = new Set(['signature', 'timestamp', 'api_key']);

/**
 * Reads the `Idempotency-Key` header. A key belongs to the identity that sends it: two identities never share a response.
 *
 * @throws {ApiError} 400 when it is longer than 255 characters
 */
export function idempotentCall(req: IncomingMessage, call: Call): IdempotentCall {
  const key = req.headers['idempotency-key'];
  const etag = call.file?.received.etag ?? '';
  if (typeof key !== 'string' || key === '') return { key: call.uploadKey, fingerprint: etag };
  if (key.length > maxKeyLength) throw badRequest(`The Idempotency-Key is longer than ${maxKeyLength} characters`);
  const fields = [...call.fields].filter(([name]) => !signing.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const request = JSON.stringify([call.operation, call.resourceType, fields, etag]);
  return {
    key: JSON.stringify([call.identity.name, key]),
    fingerprint: createHash('sha256').update(request).digest('base64'),
  };
}
