import type { Failed } from '@safelight/core';
import { statusOf } from '@safelight/core';
import type { Next } from '@safelight/http';
import { LRUCache } from 'lru-cache';

const maxErrors = 1000;

/**
 * Remembers the errors that handlers have passed to `next`. While a failure is held, later requests do not run the handler:
 * the guard calls their `next` with the same error.
 */
export interface PassedErrors {
  remember(id: string, error: unknown): void;
  /** The error of a held failure: the original one in the process that has seen it. */
  find(id: string, outcome: Failed): unknown;
  /**
   * Passes an error on. The first time it is a new error; later it has `held: true`, so that loggers can skip it.
   */
  deliver(error: unknown, next: Next): void;
}

export function createPassedErrors(): PassedErrors {
  const errors = new LRUCache<string, { readonly error: unknown }>({ max: maxErrors });
  const delivered = new WeakSet<object>();

  return {
    remember(id, error) {
      errors.set(id, { error });
    },
    find(id, outcome) {
      return outcome.error ?? errors.get(id)?.error ?? new HeldError(outcome);
    },
    deliver(error, next) {
      if (typeof error !== 'object' || error === null) return next(error);
      const isHeld = error instanceof HeldError || delivered.has(error);
      delivered.add(error);
      next(isHeld ? asHeld(error) : error);
    },
  };
}

/** What another process knows of an error: its status and its code, but neither its class nor its message. */
class HeldError extends Error {
  override readonly name = 'HeldError' as const;
  readonly status: number;
  readonly statusCode: number;
  readonly expose: boolean;
  readonly code: string;

  constructor({ fault }: Failed) {
    super(fault.message);
    this.status = fault.status;
    this.statusCode = fault.status;
    this.expose = fault.passed?.expose ?? fault.status < 500;
    this.code = fault.code;
  }
}

function asHeld(error: object): object {
  try {
    Object.defineProperty(error, 'held', { value: true, configurable: true, writable: true });
    return error;
  } catch {
    // The error is frozen.
    return Object.create(error, { held: { value: true } }) as object;
  }
}

/** Whether clients may see the message of an error, as http-errors says it. */
export function exposeOf(error: unknown): boolean | undefined {
  const expose = typeof error === 'object' && error !== null && 'expose' in error ? error.expose : undefined;
  if (typeof expose === 'boolean') return expose;
  const status = statusOf(error);
  return status === undefined ? undefined : status < 500;
}
