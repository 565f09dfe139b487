import type { CachedRecord, CachedVariant } from './cached-record.ts';
import type { Found } from './lookup.ts';
import type { Cached, Failed, Outcome } from './outcome.ts';
import type { Attempt, abandoned, MayWait } from './run.ts';
import type { Target } from './target.ts';

/** Asks for the recorded outcome of a target. */
export interface Recall {
  readonly target: Target;
  /** Selects the cached variant for this request; `undefined` if none fits. @default the newest variant */
  readonly select?: (variants: CachedRecord['variants']) => CachedVariant | undefined;
}

/** The work that makes a derivation, and the requests that may share its value. */
export interface Work<T> {
  /**
   * Makes the derivation. Called only when no failure is held and no cached derivative can be served. To report a
   * failure, it throws; to end the run without a result, it returns or throws `abandoned`.
   */
  readonly work: (attempt: Attempt) => MayWait<T | typeof abandoned>;
  /**
   * Called with the value that the run of another request has made.
   * @returns whether this request can use the value; if not, another run follows
   */
  readonly take: (value: T) => boolean;
  /**
   * Grouping key for waiters that cannot use this value; waiters with the same key share one more run. With
   * `undefined`, the waiter runs alone.
   * @default each waiter runs alone
   */
  readonly shareKey?: (value: T) => string | undefined;
  /** Whether to check after a success that the asset has not changed during the run. This costs one more read. */
  readonly checksSuccess: boolean;
  /**
   * Whether a value proves a success, which ends the ladders. Other values change no records.
   * @default every value does
   */
  readonly isSuccess?: (value: T) => boolean;
  /**
   * Stores the bytes of a value. Called only if the value may be stored. The response does not wait for the promise;
   * other requests may join the run until it settles.
   * @returns the variant to record; `undefined` if the value was not stored
   * @default nothing is stored
   */
  readonly storeValue?: (
    value: T,
    attempt: Pick<Attempt, 'recordLate'>,
  ) => Promise<CachedVariant | undefined> | undefined;
}

/** One request to the guard. */
export interface GuardRequest<T> extends Recall, Work<T> {
  /** Whether the client has left, for work that uses the client's connection. @default it never leaves */
  readonly hasLeft?: () => boolean;
  /** Gets the value of a run that refreshed a stale derivative after the response. No request uses this value. */
  readonly unclaimed?: (value: T) => void;
}

/** The outcomes that need no run. */
export type Remembered = Cached | Failed;

/** Runs work, and records its failures and derivatives. `createGuard` creates it. */
export interface Guard {
  /**
   * Gives the recorded outcome, or runs the work, once for all requests that arrive during the run. Returns without a
   * promise if no step has to wait.
   *
   * @throws the error of the store, if there is no `localFallback`
   */
  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>>;
  /** Gives the outcome that `handle` would give without a run; `undefined` if `handle` would run. Writes nothing. */
  recall(request: Recall): Remembered | undefined | Promise<Remembered | undefined>;
  /** Gives all valid records of a target, also failures after the end of their window. Writes nothing. */
  inspect(target: Target): Promise<Found>;
  /** Whether the original of a target is being uploaded to this process now. */
  isArriving(target: Target): boolean;
  /**
   * Reports that an asset's original was replaced or removed. After this resolves, no process that shares the store
   * serves a failure that was found before.
   *
   * @throws {TransformError} `store_unavailable` when the store did not confirm the write; the guard continues to try
   */
  changed(asset: string): Promise<void>;
  /**
   * Reports that an upload of the original has started. Until it ends, requests that do not find the original wait, and
   * no failure of the asset is recorded.
   *
   * @returns a function that ends the pending state; call it after `changed()` resolves, or when the upload failed
   */
  changing(asset: string): () => void;
}
