/**
 * - `original_not_ready`: a URL was asked of an upload that has not been awaited
 * - `invalid_asset_ref`: what should describe an uploaded asset does not (above all: it has no true version)
 * - `invalid_transformation`: a transformation cannot be written into a URL
 * - `stalled`: no byte of an upload moved for `stallTimeoutMs`
 * - `not_ready_in_time`: everything was sent, but the answer did not come within `readyTimeoutMs`
 * - `rejected`: the server answered with an error status
 * - `network`: no answer arrived
 * - `protocol`: an answer arrived that this client does not understand
 * - `invalid_body`: what should be uploaded cannot be: empty, a directory, changed since it was chosen, or no bytes at all
 * - `unsupported`: the server behind the endpoint cannot do this
 */
export type ErrorCode =
  | 'original_not_ready'
  | 'invalid_asset_ref'
  | 'invalid_transformation'
  | 'stalled'
  | 'not_ready_in_time'
  | 'rejected'
  | 'network'
  | 'protocol'
  | 'invalid_body'
  | 'unsupported';

export interface SafelightErrorDetails {
  /** Whether the same call may succeed later. Default `false`. */
  readonly retryable?: boolean;
  /** How long the server asked to wait, from its `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** The HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** Of the upload that is not ready; `undefined` while the server has not chosen one. */
  readonly publicId?: string | undefined;
  /** How far that upload is. */
  readonly phase?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The one error class of this package; `code` tells the cases apart. */
export class SafelightError extends Error {
  declare readonly name: 'SafelightError';
  declare readonly code: ErrorCode;
  declare readonly retryable: boolean;
  declare readonly retryAfterMs: number | undefined;
  declare readonly status: number | undefined;
  declare readonly publicId: string | undefined;
  declare readonly phase: string | undefined;
  declare readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: SafelightErrorDetails = {}) {
    super(details.hint ? `${message} ${details.hint}` : message, details);
    Object.assign(this, { name: 'SafelightError', code, retryable: false }, details);
  }
}

/** Goes by name: two copies of this package in one bundle understand each other's errors. */
export function isSafelightError(error: unknown): error is SafelightError {
  return error instanceof Error && error.name === 'SafelightError' && 'code' in error;
}

/**
 * Does what may throw because of what it was given.
 * @throws {SafelightError} of that code, in the words of what was thrown
 */
export function blame<Result>(code: ErrorCode, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new SafelightError(code, (cause as Error).message, { cause });
  }
}
