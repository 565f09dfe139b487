import { TransformError } from '@safelight/core';
import type { TaskInput, TaskName } from './task.ts';

/** A message to a process. */
export interface TaskRequest<Name extends TaskName = TaskName> {
  readonly name: Name;
  readonly input: TaskInput<Name>;
}

/** The one message that follows a request. */
export type TaskReply = { readonly value: unknown } | { readonly failure: SentError };

/** An error that was sent to another process, which would lose its code. */
export interface SentError {
  /** `undefined` for an error without a failure code. */
  readonly code: TransformError['code'] | undefined;
  readonly message: string;
  /** The text of its cause, for logs. */
  readonly cause: string | undefined;
}

export function sentError(error: unknown): SentError {
  const { message, cause, stack } = error instanceof Error ? error : new Error(String(error));
  const causeText = cause instanceof Error ? cause.message : cause === undefined ? undefined : String(cause);
  if (TransformError.is(error)) return { code: error.code, message, cause: causeText };
  return { code: undefined, message, cause: stack };
}

export function receivedError({ code, message, cause }: SentError): Error {
  const options = cause === undefined ? {} : { cause: new Error(cause) };
  return code === undefined ? new Error(message, options) : new TransformError(code, message, options);
}
