import { TransformError } from '@safelight/core';

/** An error that every derivation of the same original has. */
export class OriginalRefusal extends TransformError {
  /** An error that was thrown while the header of an original was read. Errors of the server stay as they are. */
  static of(error: unknown): unknown {
    if (!TransformError.is(error) || error.status >= 500 || error instanceof OriginalRefusal) return error;
    return new OriginalRefusal(error.code, error.message, { cause: error.cause });
  }
}
