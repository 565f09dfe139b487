import { badRequest } from './api-error.ts';

export interface IdempotencyOptions {
  /** @default 1000 */
  readonly maxKeys?: number;
  /** @default 600_000, 10 minutes */
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

/**
 * Remembers answers by `Idempotency-Key`, in this process. Calls with one key share one run; a run that fails is
 * forgotten, so that it can be tried again. Oldest keys go first.
 */
export function idempotency<Answer>({
  maxKeys = 1_000,
  lifeMs = 600_000,
  clock,
}: IdempotencyOptions): (call: IdempotentCall, run: () => Promise<Answer>) => Promise<Answer> {
  const known = new Map<
    string,
    { readonly fingerprint: string; readonly answer: Promise<Answer>; readonly endsAt: number }
  >();
  return async function once({ key, fingerprint }, run) {
    if (key === undefined) return run();
    const earlier = known.get(key);
    if (earlier !== undefined && earlier.endsAt > clock()) {
      if (earlier.fingerprint === fingerprint) return earlier.answer;
      throw badRequest('This Idempotency-Key was sent with another request before. Use a new key for each request.');
    }
    known.delete(key);
    const entry = { fingerprint, answer: run(), endsAt: clock() + lifeMs };
    known.set(key, entry);
    for (const oldest of known.keys()) {
      if (known.size <= maxKeys) break;
      known.delete(oldest);
    }
    try {
      return await entry.answer;
    } catch (error) {
      if (known.get(key) === entry) known.delete(key);
      throw error;
    }
  };
}
