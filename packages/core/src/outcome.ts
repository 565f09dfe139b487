import type { CachedVariant } from './cached-record.ts';
import type { Decision } from './decide.ts';
import type { CachedBytes } from './derivatives.ts';
import type { Failure, Fault } from './failure.ts';

/** A derivative that is stored. The caller releases the bytes. */
export interface Cached {
  readonly kind: 'cached';
  readonly cached: CachedBytes;
  readonly variant: CachedVariant;
  /** `refreshed`: stale, being made again after the response; `failed`: stale, because making it again failed. */
  readonly state: 'fresh' | 'refreshed' | 'failed';
}

/** A value that a run made. */
export interface Made<T> {
  readonly kind: 'made';
  readonly value: T;
  /** Whether this request's own run made it, or one that it waited for. */
  readonly joined: boolean;
  /** `false` when the asset changed meanwhile, or the store cannot be reached: no cache may store this response. */
  readonly storable: boolean;
  readonly tookMs: number;
}

export interface Failed {
  readonly kind: 'failed';
  readonly fault: Fault;
  /** The remembered failure; `undefined` when this fault is never held or could not be recorded. */
  readonly failure: Failure | undefined;
  /** `held`: answered from memory; `run`: found by this request; `joined`: by one that it waited for. */
  readonly source: 'held' | 'run' | 'joined';
  /** Rest of the window, milliseconds. */
  readonly remainingMs: number;
  readonly storable: boolean;
  /** What the handler threw, for logs; never for clients. */
  readonly error?: unknown;
}

/**
 * Too many requests wait for the same run. It does not mean that the picture has failed.
 */
export interface Busy {
  readonly kind: 'busy';
  readonly retryAfterMs: number;
}

/** Nothing is to be answered: the client left before it was decided, or nothing is remembered and no run was wanted. */
export interface Left {
  readonly kind: 'left';
}

/** How a request ended. */
export type Outcome<T> = Cached | Made<T> | Failed | Busy | Left;

export const left: Left = { kind: 'left' };

/** The outcome for a request that meets a held failure. */
export function heldOutcome(decision: Extract<Decision, { kind: 'hold' }>, storable: boolean): Failed {
  const { failure, remainingMs } = decision;
  return { kind: 'failed', source: 'held', fault: failure, failure, remainingMs, storable };
}

/** @param random - from 0 to 1; spreads the waiting times, so that refused requests do not all return together */
export function busyOutcome(random: number): Busy {
  return { kind: 'busy', retryAfterMs: 1000 + Math.floor(random * 4000) };
}
