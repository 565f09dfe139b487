/**
 * 0: done. 1: it could not be done. 2: wrong flags, environment or arguments. For `why`: 0: nothing is wrong, 1: something
 * has to be changed, 3: the failure passes by itself, 4: the reason could not be found.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** An error for the person at the terminal: its message is printed without a stack. */
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

/** A failure outside of this program: a port in use, a folder that cannot be written. */
export function failure(message: string, cause?: unknown): CommandError {
  return new CommandError(1, message, { cause });
}

export function isCommandError(error: unknown): error is CommandError {
  return error instanceof Error && error.name === 'CommandError';
}
