import { ApiError } from './api-error.ts';
import type { MadeResponse } from './own-origin.ts';

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers: ApiError['headers'];
}

type Outcome = MadeResponse | { readonly refusal: Refusal };

/**
 * Whether a repeat of the call must get the same error: it is about the file or the call, and not about the server. A 409 says
 * that another process still runs the call.
 */
export function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status < 500 && error.status !== 409;
}

/** The outcome of an upload, for the storage of unfinished uploads. */
export function outcomeText(outcome: MadeResponse | ApiError): string {
  if (!(outcome instanceof ApiError)) return JSON.stringify(outcome satisfies Outcome);
  const { status, message, headers } = outcome;
  return JSON.stringify({ refusal: { status, message, headers } } satisfies Outcome);
}

/** @throws {ApiError} the refusal, if it was one */
export function readOutcome(text: string): MadeResponse {
  const outcome = JSON.parse(text) as Outcome;
  if (!('refusal' in outcome)) return outcome;
  throw new ApiError(outcome.refusal.status, outcome.refusal.message, outcome.refusal.headers);
}
