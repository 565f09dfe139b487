import { type FailureCode, failureKinds } from '@safelight/protocol';

export interface TransformErrorOptions {
  /** The error that caused this one, for logs. */
  readonly cause?: unknown;
  /** How long to wait before the next attempt, in milliseconds. Replaces the window of the ladder. */
  readonly retryAfterMs?: number;
}

/**
 * An error with a failure code, which says how the failure is held. Handlers throw it. For other errors, only their
 * HTTP status counts; without one they mean `handler_failed`. Clients see the message.
 *
 * @example
 * const error = new TransformError('too_many_pixels', 'The picture has more than 100 megapixels.');
 * error.status; // 400
 * TransformError.is(error); // true
 */
export class TransformError extends Error {
  override readonly name = 'TransformError' as const;
  readonly code: FailureCode;
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(code: FailureCode, message: string, options: TransformErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = failureKinds[code].status;
    this.retryAfterMs = options.retryAfterMs;
  }

  /**
   * Checks the name and the code, and not the class, so that it also works for an error of another copy of this
   * package.
   */
  static is(error: unknown): error is TransformError {
    return (
      error instanceof Error &&
      error.name === 'TransformError' &&
      'code' in error &&
      (error.code as string) in failureKinds
    );
  }
}

/**
 * The error for a missing original. It is held for all derivations of the asset.
 *
 * @example
 * throw missingOriginal('cat'); // status 404, 'Resource not found - cat'
 */
export function missingOriginal(publicId: string): TransformError {
  return new TransformError('missing_original', `Resource not found - ${publicId}`);
}

/**
 * The error for a derivation that cannot be made from any original, such as one with an unknown parameter.
 *
 * @param message - clients see it
 * @param cause - the error that caused this one, for logs
 * @example
 * throw badTransformation('Invalid width: w_0'); // status 400
 */
export function badTransformation(message: string, cause?: unknown): TransformError {
  return new TransformError('bad_transformation', message, { cause });
}

/**
 * The error for an original that is damaged or is not a picture.
 *
 * @param message - clients see it
 * @param cause - the error that caused this one, for logs
 * @example
 * throw invalidOriginal('The file is not a picture.'); // status 400
 */
export function invalidOriginal(message: string, cause?: unknown): TransformError {
  return new TransformError('invalid_original', message, { cause });
}
