import { LRUCache } from 'lru-cache';
import { describeError } from './describe-error.ts';

export interface ErrorLogOptions {
  readonly write: (line: string) => void;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** How long a message is not repeated, in milliseconds. @default 60_000 */
  readonly quietMs?: number;
}

const maxRemembered = 1000;

/**
 * Creates a log that writes the same message at most once in `quietMs`: a store that is down fails with every request.
 */
export function createErrorLog({
  write,
  clock = Date.now,
  quietMs = 60_000,
}: ErrorLogOptions): (error: unknown) => void {
  const writtenAt = new LRUCache<string, number>({ max: maxRemembered });
  return function logError(error) {
    const text = describeError(error);
    const now = clock();
    if (now - (writtenAt.get(text) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    writtenAt.set(text, now);
    write(isMistakeInCode(error) ? (error.stack ?? text) : text);
  };
}

/** These errors are logged with a stack. They are faults in the code, and the operator can only report them. */
function isMistakeInCode(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
