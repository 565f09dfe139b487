/**
 * - `original_not_ready`: an upload was used as an asset before it was awaited
 * - `invalid_asset_ref`: a value does not describe an uploaded asset; in most cases it has no valid version
 * - `invalid_transformation`: a transformation cannot be written into a URL
 * - `invalid_public_id`: an upload has a public ID that the server would refuse
 * - `public_id_taken`: an asset with the public ID of an upload exists; nothing was stored
 * - `stalled`: no byte of an upload moved for `stallTimeoutMs`, or an option such as `sign` has not settled in that time
 * - `not_ready_in_time`: everything was sent, but the response did not arrive within `readyTimeoutMs`
 * - `rejected`: the server responded with an error status
 * - `network`: no response arrived
 * - `blocked`: CORS or the size limit of a proxy refused an upload twice, as far as a page can see that
 * - `protocol`: a response arrived that this client does not understand
 * - `invalid_body`: the body cannot be uploaded: it is empty, a directory, changed since it was chosen, or not bytes
 * - `unsupported`: the server behind the endpoint cannot do this
 */
export type ErrorCode =
  | 'original_not_ready'
  | 'invalid_asset_ref'
  | 'invalid_transformation'
  | 'invalid_public_id'
  | 'public_id_taken'
  | 'stalled'
  | 'not_ready_in_time'
  | 'rejected'
  | 'network'
  | 'blocked'
  | 'protocol'
  | 'invalid_body'
  | 'unsupported';

export interface SafelightErrorDetails {
  /**
   * Whether the same call may succeed later.
   * @default false
   */
  readonly retryable?: boolean;
  /** The server's `Retry-After` (RFC 9110 section 10.2.3), in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The HTTP status, when there was a response. */
  readonly status?: number | undefined;
  /** Public ID of the upload that is not ready; `undefined` while the server has not chosen one. */
  readonly publicId?: string | undefined;
  /** The phase of that upload. */
  readonly phase?: string | undefined;
  /** What to do. It is also the end of the message. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The only error class of this package; `code` distinguishes the cases.
 * @example
 * const error = new SafelightError('network', 'No response.', { retryable: true, hint: 'Check the connection.' });
 * error.message; // 'No response. Check the connection.'
 */
export class SafelightError extends Error {
  declare readonly name: 'SafelightError';
  declare readonly code: ErrorCode;
  declare readonly retryable: boolean;
  declare readonly retryAfterMs: number | undefined;
  declare readonly status: number | undefined;
  declare readonly publicId: string | undefined;
  declare readonly phase: string | undefined;
  declare readonly hint: string | undefined;
  /** The key of the upload that failed, for the option `uploadKey` of an upload that continues it. It is not enumerable. */
  declare readonly uploadKey: string | undefined;

  constructor(code: ErrorCode, message: string, details: SafelightErrorDetails = {}) {
    super(details.hint ? `${message} ${details.hint}` : message, details);
    Object.assign(this, { name: 'SafelightError', code, retryable: false }, details);
  }
}

/**
 * Whether a value is a `SafelightError`. It compares the name and not the class, so that it also recognises the errors
 * of another copy of this package.
 * @example
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo' });
 * try {
 *   await client.find('cat');
 * } catch (error) {
 *   if (isSafelightError(error) && error.retryable) console.log(error.code); // 'network', for example
 * }
 */
export function isSafelightError(error: unknown): error is SafelightError {
  return error instanceof Error && error.name === 'SafelightError' && 'code' in error;
}

/**
 * Calls a function, and converts the error that it throws.
 * @throws {SafelightError} with this code, and with the message of the thrown error
 */
export function withErrorCode<Result>(code: ErrorCode, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new SafelightError(code, (cause as Error).message, { cause });
  }
}
