import type { CachedVariant } from './cached-record.ts';
import type { Decision } from './decide.ts';
import type { CachedBytes } from './derivatives.ts';
import type { Failure, Fault } from './failure.ts';

/** A cached derivative. */
export interface Cached {
  readonly kind: 'cached';
  /** The opened bytes. The caller must call their `release` once. */
  readonly cached: CachedBytes;
  /** The entry of the bytes in the record, with their freshness. */
  readonly variant: CachedVariant;
  /**
   * `fresh`: still fresh. `refreshed`: stale; a run makes it again after the response. `failed`: stale; served because
   * the last run has failed with a transient failure.
   */
  readonly state: 'fresh' | 'refreshed' | 'failed';
}

/** A value that a run has made. */
export interface Made<T> {
  readonly kind: 'made';
  readonly value: T;
  /** Whether the run of another request made the value; `false` for this request's own run. */
  readonly joined: boolean;
  /**
   * Whether a cache may store the response. `false` when the asset changed during the run or the store is unreachable.
   */
  readonly storable: boolean;
  /** Duration of the run in milliseconds. */
  readonly tookMs: number;
}

/** A failure: held, or of a run. */
export interface Failed {
  readonly kind: 'failed';
  readonly fault: Fault;
  /** The recorded failure; `undefined` when this fault is never held or could not be recorded. */
  readonly failure: Failure | undefined;
  /**
   * `held`: recorded earlier, nothing ran. `run`: this request's own run has failed. `joined`: the run of another
   * request, for which this request waited, has failed.
   */
  readonly source: 'held' | 'run' | 'joined';
  /** Milliseconds until the window ends; 0 when the failure is not held. */
  readonly remainingMs: number;
  /** Whether a cache may store the response. */
  readonly storable: boolean;
  /** The error that the handler threw. For logs only: never show it to clients. */
  readonly error?: unknown;
}

/** Too many requests wait for the same run. This says nothing about the picture. */
export interface Busy {
  readonly kind: 'busy';
  /** Milliseconds from 1000 to 5000. */
  readonly retryAfterMs: number;
}

/**
 * No response is needed, because the client has left. Inside the guard, also the result of a recall that finds nothing.
 */
export interface Left {
  readonly kind: 'left';
}

/** The result of `Guard.handle`. */
export type Outcome<T> = Cached | Made<T> | Failed | Busy | Left;

export const left: Left = { kind: 'left' };

/** The outcome for a request that meets a held failure. */
export function heldOutcome(decision: Extract<Decision, { kind: 'hold' }>, storable: boolean): Failed {
  const { failure, remainingMs } = decision;
  return { kind: 'failed', source: 'held', fault: failure, failure, remainingMs, storable };
}

/** @param random - from 0 to 1; spreads the waiting times, so that refused clients do not all return at once */
export function busyOutcome(random: number): Busy {
  return { kind: 'busy', retryAfterMs: 1000 + Math.floor(random * 4000) };
}
