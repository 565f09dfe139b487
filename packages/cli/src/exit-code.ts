/**
 * - 0: success; `why`: the URL delivers the picture
 * - 1: failure; `why`: something has to be changed
 * - 2: wrong flags, environment or arguments
 * - 3: `why`: the failure is transient and ends without a change
 * - 4: `why`: the reason could not be found
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** An error for the user of the command. Its message is printed without a stack. */
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

/** A failure outside this program, such as a port in use or a folder that cannot be written. */
export function failure(message: string, cause?: unknown): CommandError {
  return new CommandError(1, message, { cause });
}

export function isCommandError(error: unknown): error is CommandError {
  return error instanceof Error && error.name === 'CommandError';
}
