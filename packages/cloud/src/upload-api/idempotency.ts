import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { badRequest } from './api-error.ts';
import type { Call } from './call.ts';
import type { CallRun, IdempotentCall } from './call-run.ts';
import { type RunInOneProcess, usedKey } from './run-in-one-process.ts';

export interface IdempotencyOptions<Response, Progress extends object> {
  /** Makes sure that one process runs a call, and knows the responses of other processes. */
  readonly runInOneProcess: RunInOneProcess<Response, Progress>;
  /** The maximum number of keys. The oldest is removed first; running calls are never removed. @default 1000 */
  readonly maxKeys?: number;
  /** How long a response is remembered, in milliseconds. @default 600_000, 10 minutes */
  readonly lifetimeMs?: number;
  /** Epoch milliseconds. */
  clock(): number;
}

/** Runs a call once for each key. */
export type Once<Response, Progress> = (
  call: IdempotentCall,
  run: (run: CallRun<Progress>) => Promise<Response>,
) => Promise<Response>;

interface KnownCall<Response, Progress> {
  readonly fingerprint: string;
  readonly progress: Partial<Progress>;
  /** The response of the run; `undefined` after a failure. */
  response: Promise<Response> | undefined;
  /** When it is forgotten, in epoch milliseconds; `undefined` while it runs. */
  endsAt: number | undefined;
}

/**
 * Remembers responses by `Idempotency-Key`. Calls of this process with the same key share one run, and
 * `runInOneProcess` knows those of others. A call that has failed can be repeated. It is forgotten, unless its run has
 * stored in `progress` what must not be done twice. The next run gets the same `progress`.
 */
export function idempotency<Response, Progress extends object>({
  maxKeys = 1_000,
  lifetimeMs = 600_000,
  runInOneProcess,
  clock,
}: IdempotencyOptions<Response, Progress>): Once<Response, Progress> {
  const calls = new Map<string, KnownCall<Response, Progress>>();

  function forgetOldest(): void {
    for (const [key, { endsAt }] of calls) {
      if (calls.size <= maxKeys) break;
      if (endsAt !== undefined) calls.delete(key);
    }
  }

  return async function once({ key, fingerprint }, run) {
    if (key === undefined) return run({ progress: {}, seed: undefined, note: async () => {} });
    const earlier = calls.get(key);
    const isValid = earlier !== undefined && (earlier.endsAt === undefined || earlier.endsAt > clock());
    if (isValid && earlier.fingerprint !== fingerprint) throw usedKey();
    if (isValid && earlier.response !== undefined) return earlier.response;
    const progress = isValid ? earlier.progress : {};
    const response = runInOneProcess({ key, fingerprint }, progress, run);
    const entry: KnownCall<Response, Progress> = { fingerprint, progress, response, endsAt: undefined };
    calls.delete(key);
    calls.set(key, entry);
    forgetOldest();
    try {
      return await response;
    } catch (error) {
      entry.response = undefined;
      if (Object.keys(progress).length === 0) calls.delete(key);
      throw error;
    } finally {
      entry.endsAt = clock() + lifetimeMs;
    }
  };
}

const maxKeyLength = 255;

/** The parameters that differ when the same call is signed again. */
const signing: ReadonlySet<string> = new Set(['signature', 'timestamp', 'api_key']);

/**
 * Reads the `Idempotency-Key` header. A key belongs to the cloud and to the identity that sends it: two identities never
 * share a response.
 *
 * @throws {ApiError} 400 when it is longer than 255 characters
 */
export function idempotentCall(req: IncomingMessage, call: Call, cloudName: string): IdempotentCall {
  const key = req.headers['idempotency-key'];
  // A repeat with another remote file is another call. The file is not fetched to compare it.
  const etag = call.file?.received.etag ?? call.url ?? '';
  if (typeof key !== 'string' || key === '') return { key: call.uploadKey, fingerprint: etag };
  if (key.length > maxKeyLength) throw badRequest(`The Idempotency-Key is longer than ${maxKeyLength} characters`);
  const fields = [...call.fields].filter(([name]) => !signing.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const request = JSON.stringify([call.operation, call.resourceType, fields, etag]);
  return {
    key: JSON.stringify([cloudName, call.identity.name, key]),
    fingerprint: createHash('sha256').update(request).digest('base64'),
  };
}
