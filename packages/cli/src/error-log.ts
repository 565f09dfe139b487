import { LRUCache } from 'lru-cache';
import { describeError } from './describe-error.ts';

export interface ErrorLogOptions {
  readonly write: (line: string) => void;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** For how long a message is not repeated, in milliseconds. @default 60_000 */
  readonly quietMs?: number;
}

const maxRemembered = 1000;

/** A log that says the same thing once a minute: a store that is down fails with every request. */
export function createErrorLog({
  write,
  clock = Date.now,
  quietMs = 60_000,
}: ErrorLogOptions): (error: unknown) => void {
  const saidAt = new LRUCache<string, number>({ max: maxRemembered });
  return function logError(error) {
    const text = describeError(error);
    const now = clock();
    if (now - (saidAt.get(text) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    saidAt.set(text, now);
    write(isMistakeInCode(error) ? (error.stack ?? text) : text);
  };
}

/** Only these errors are logged with a stack: they are faults in the code, and the operator can only report them. */
function isMistakeInCode(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
