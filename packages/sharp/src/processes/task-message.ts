import { TransformError } from '@safelight/core';
import { OriginalRefusal } from '../original-refusal.ts';
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
  /** Whether every derivation of the original has this error. */
  readonly isOfOriginal: boolean;
  readonly message: string;
  /** The text of its cause, for logs. */
  readonly cause: string | undefined;
}

export function sentError(error: unknown): SentError {
  const { message, cause, stack } = error instanceof Error ? error : new Error(String(error));
  const causeText = cause instanceof Error ? cause.message : cause === undefined ? undefined : String(cause);
  if (TransformError.is(error)) {
    return { code: error.code, isOfOriginal: error instanceof OriginalRefusal, message, cause: causeText };
  }
  return { code: undefined, isOfOriginal: false, message, cause: stack };
}

export function receivedError({ code, isOfOriginal, message, cause }: SentError): Error {
  const options = cause === undefined ? {} : { cause: new Error(cause) };
  if (code === undefined) return new Error(message, options);
  return new (isOfOriginal ? OriginalRefusal : TransformError)(code, message, options);
}
