/**
 * 0: done. 1: it could not be done. 2: it was asked for wrongly. Of `why`: 0: nothing is wrong, 1: somebody has to change
 * something, 3: it heals by itself, 4: it could not be found out.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What a person at a terminal has to know: its message stands alone, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError' as const;
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A mistake in flags, environment or arguments. */
export function usageError(message: string, cause?: unknown): CommandError {
  return new CommandError(2, message, { cause });
}

/** The world did not play along: a port in use, a folder that cannot be written. */
export function failure(message: string, cause?: unknown): CommandError {
  return new CommandError(1, message, { cause });
}

export function isCommandError(error: unknown): error is CommandError {
  return error instanceof Error && error.name === 'CommandError';
}
