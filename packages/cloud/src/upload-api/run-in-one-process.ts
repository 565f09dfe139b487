import { ApiError, badRequest } from './api-error.ts';
import type { CallClaims, ClaimedRun } from './call-claims.ts';
import type { CallRun, NamedCall } from './call-run.ts';

/** How long a repeat waits for the first call, when that runs in another process. */
const waitMs = 5_000;
const retryAfterSeconds = 2;

/** Runs a call, unless another process has run it. Then it returns the response of that one. */
export type RunInOneProcess<Response, Progress extends object> = (
  call: NamedCall,
  progress: Partial<Progress>,
  run: (run: CallRun<Progress>) => Promise<Response>,
) => Promise<Response>;

/** The refusal of another call with a known key. */
export function usedKey(): ApiError {
  return badRequest('This Idempotency-Key was sent with another request before. Use a new key for each request.');
}

/**
 * Creates a function that runs a call in one process at a time. A run gets the completed steps of earlier runs in all
 * processes, also of those that have ended.
 *
 * @param claims - `undefined`: only this process is known
 * @param Response - can be written as JSON, and so can the steps in `progress`
 */
export function createRunInOneProcess<Response, Progress extends object>(
  claims: CallClaims | undefined,
): RunInOneProcess<Response, Progress> {
  return async function runInOneProcess({ key, fingerprint }, progress, run) {
    const claim = await claims?.claim(`call ${key}`, fingerprint, waitMs);
    switch (claim?.kind) {
      case 'respond':
        return claim.response as Response;
      case 'refuse':
        throw usedKey();
      case 'busy':
        throw stillRunning();
      case 'run':
        return runClaimed(claim.run, progress, run);
      default:
        return run({ progress, seed: undefined, note: async () => {} });
    }
  };
}

async function runClaimed<Response, Progress extends object>(
  claimed: ClaimedRun,
  progress: Partial<Progress>,
  run: (run: CallRun<Progress>) => Promise<Response>,
): Promise<Response> {
  Object.assign(progress, claimed.steps);
  try {
    const note = (): Promise<void> => claimed.write({ steps: progress });
    const response = await run({ progress, seed: claimed.seed, note });
    await claimed.end({ steps: {}, response });
    return response;
  } catch (error) {
    const isFree = !claimed.isInherited && Object.keys(progress).length === 0;
    await claimed.end({ steps: progress, isFree });
    throw error;
  }
}

function stillRunning(): ApiError {
  const message = `The first call with this Idempotency-Key still runs, in another process. Repeat the call in ${retryAfterSeconds} s.`;
  return new ApiError(409, message, { 'retry-after': String(retryAfterSeconds) });
}
