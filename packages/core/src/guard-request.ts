import type { CachedVariant } from './cached-record.ts';
import type { MatchesFields } from './field-values.ts';
import type { Found } from './lookup.ts';
import type { Cached, Failed, Outcome } from './outcome.ts';
import type { Attempt, abandoned, MayWait } from './run.ts';
import type { SharedValues } from './shared-values.ts';
import type { Target } from './target.ts';

/** Selects what is recorded for a target. */
export interface Selection {
  readonly target: Target;
  /**
   * Whether this request has these values in these fields, which a response named in `Vary`. It selects the cached
   * variant and the failures that the request may get.
   * @default every request has them
   */
  readonly matches?: MatchesFields;
}

/** Asks for the recorded outcome of a target. */
export interface Recall extends Selection {
  /**
   * Whether this request can use the outcome. If not, the result is `undefined`, and nothing is reported to `onOutcome`.
   * @default it can use every outcome
   */
  readonly uses?: (outcome: Remembered) => boolean;
}

/** The work that makes a derivation, and the rules for sharing and storing the value. */
export interface Work<T> {
  /**
   * Makes the derivation. Called only when no failure is held and no cached derivative can be served. The function
   * throws to report a failure. It returns or throws `abandoned` to end the run without a result.
   */
  readonly work: (attempt: Attempt) => MayWait<T | typeof abandoned>;
  /**
   * Called with the value that the run of another request has made.
   * @returns whether this request can use the value; after `false`, another run follows
   */
  readonly take: (value: T) => boolean;
  /**
   * Called when this request cannot use the value that the run of another request has made.
   * @returns a key: all requests with the same key share one more run; `undefined`: this request runs alone
   * @default this request runs alone
   */
  readonly shareKey?: (value: T) => string | undefined;
  /** Whether to check after a success that the asset has not changed during the run. This costs one more read. */
  readonly checksSuccess: boolean;
  /**
   * Whether a value is a success. A success ends the ladders. Other values change no records.
   * @default every value is a success
   */
  readonly isSuccess?: (value: T) => boolean;
  /**
   * Stores the bytes of a value. Called only if the value may be stored. The response does not wait for the promise;
   * other requests may join the run until the promise settles.
   * @returns the variant to record; `undefined` if the value was not stored
   * @default nothing is stored
   */
  readonly storeValue?: (
    value: T,
    attempt: Pick<Attempt, 'recordLate'>,
  ) => Promise<CachedVariant | undefined> | undefined;
}

/** One request to the guard. */
export interface GuardRequest<T> extends Selection, Work<T> {
  /**
   * Names the client of this request by an opaque text, for `Attempt.clients`. Called when the request begins or joins a run.
   * `undefined`: no client waits for this request, but clients may join its run.
   * @default runs that this request begins have no `clients`
   */
  readonly clientOf?: () => string | undefined;
  /** Whether the client has left, for work that uses the client's connection. @default the client never leaves */
  readonly hasLeft?: () => boolean;
  /** Gets the value of a run that refreshed a stale derivative after the response. No request uses this value. */
  readonly unclaimed?: (value: T) => void;
}

/** The outcomes that need no run. */
export type Remembered = Cached | Failed;

/** Runs work, and records the failures and derivatives. `createGuard` creates a guard. */
export interface Guard {
  /**
   * Gives the recorded outcome, or runs the work. All requests that arrive during the run share the run. Returns
   * without a promise if no step has to wait.
   *
   * @throws the error of the store, if there is no `localFallback`
   */
  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>>;
  /** Gives the outcome that `handle` would give without a run; `undefined` if `handle` would run. Writes nothing. */
  recall(request: Recall): Remembered | undefined | Promise<Remembered | undefined>;
  /** Gives all valid records of a target, also failures after the end of their window. Writes nothing. */
  inspect(target: Target): Promise<Found>;
  /** Whether the original of a target is being uploaded to this process now. `Found.isPending` is about other processes. */
  isArriving(target: Target): boolean;
  /**
   * Reports that an asset's original was replaced or removed. After the promise has resolved, no process that shares
   * the store serves a failure from before the change.
   *
   * @throws {TransformError} `store_unavailable` when the store did not confirm the write; the guard then repeats the
   *   write
   */
  changed(asset: string): Promise<void>;
  /**
   * Removes what is recorded for this target: the failures of its derivation, for all variants, that of its original, and
   * its cached derivatives. What a run in progress in this process makes for it is not recorded; a run of another process
   * may still be. If the store does not confirm it, the assets of the target count as changed.
   *
   * @throws {TransformError} `store_unavailable`, as `changed`
   * @throws the error of the store, if there is no `localFallback`
   */
  forget(target: Target): Promise<void>;
  /**
   * Reports that an upload of the original has started. Until the upload ends, requests that do not find the original
   * wait, and no failure of the asset is recorded.
   *
   * @returns a function that ends the pending state; call it after `changed()` resolves, or when the upload failed
   */
  changing(asset: string): () => void;
  /**
   * Tells all processes that share the store that the first original of an asset is on its way, until the pending state
   * that `changing` has begun ends. Without it, requests to other processes do not wait. Do not call it for an asset that
   * has an original: until its upload ends, nothing would be recorded for it. Does nothing for a store in this process.
   *
   * @throws {TransformError} `store_unavailable` when the store did not confirm it; `changed` would fail then, too
   */
  announce(asset: string): Promise<void>;
  /** Values that processes share beside the records; `undefined` if the store is in this process. */
  readonly sharedValues: SharedValues | undefined;
}
