import { type FailureCode, failureKinds } from '@safelight/protocol';

export interface TransformErrorOptions {
  readonly cause?: unknown;
  /** How long to wait before the next attempt, in milliseconds; replaces the computed window. */
  readonly retryAfterMs?: number;
}

/** A failure with a code. Handlers throw it; every other error counts as `handler_failed`. */
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

  /** By name and code, so that two copies of this package agree. */
  static is(error: unknown): error is TransformError {
    return (
      error instanceof Error &&
      error.name === 'TransformError' &&
      'code' in error &&
      (error.code as string) in failureKinds
    );
  }
}

/** The original is missing. This holds for every derivation of the asset. */
export function missingOriginal(publicId: string): TransformError {
  return new TransformError('missing_original', `Resource not found - ${publicId}`);
}

export function badTransformation(message: string, cause?: unknown): TransformError {
  return new TransformError('bad_transformation', message, { cause });
}

export function invalidOriginal(message: string, cause?: unknown): TransformError {
  return new TransformError('invalid_original', message, { cause });
}
