import type { CachedRecord, CachedVariant } from './cached-record.ts';
import type { Found } from './lookup.ts';
import type { Cached, Failed, Outcome } from './outcome.ts';
import type { Attempt, abandoned, MayWait } from './run.ts';
import type { Target } from './target.ts';

/** A question about what is remembered. */
export interface Recall {
  readonly target: Target;
  /** Which of the stored variants suits this request. @default the newest */
  readonly select?: (variants: CachedRecord['variants']) => CachedVariant | undefined;
}

/** How a derivation is made, and for which requests. */
export interface Work<T> {
  /** Makes the derivation; called only when nothing is held. */
  readonly work: (attempt: Attempt) => MayWait<T | typeof abandoned>;
  /**
   * Takes a value that another request's run made, where this request may have it, and says whether it did. A request
   * that may not have it runs for itself.
   */
  readonly take: (value: T) => boolean;
  /**
   * Grouping key for waiters that cannot use this value; waiters with the same key share one more run.
   * @default each runs for itself, as where it is `undefined`
   */
  readonly shareKey?: (value: T) => string | undefined;
  /** Whether a success is checked against an upload that came in meanwhile; costs one more read. */
  readonly checksSuccess: boolean;
  /** Whether a value ends the ladders; one that does not is not a failure either. @default every value does */
  readonly isSuccess?: (value: T) => boolean;
  /**
   * Stores a value; called only when it may be stored. It goes on after the response; until it has settled, other
   * requests may join the run. `undefined` when it is not to be stored, or could not be.
   */
  readonly storeValue?: (
    value: T,
    attempt: Pick<Attempt, 'recordLate'>,
  ) => Promise<CachedVariant | undefined> | undefined;
}

export interface GuardRequest<T> extends Recall, Work<T> {
  /** For work that is done on the client's own connection: whether the client has left. */
  readonly hasLeft?: () => boolean;
  /** Gets a value that was made after a response, which no request takes. */
  readonly unclaimed?: (value: T) => void;
}

export type Remembered = Cached | Failed;

export interface Guard {
  /**
   * Answers from what is remembered, or runs the work once for all requests that come meanwhile. Returns without a
   * promise when what is remembered is in memory.
   *
   * @throws what the store throws, if there is no `localFallback` to replace it
   */
  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>>;
  /** What `handle` would answer without running anything; `undefined` when it would run. Writes nothing. */
  recall(request: Recall): Remembered | undefined | Promise<Remembered | undefined>;
  /** Everything that is remembered of a target, held or not. Writes nothing. */
  inspect(target: Target): Promise<Found>;
  /** Whether the original of a target is being uploaded to this process right now. */
  isArriving(target: Target): boolean;
  /**
   * Reports that an asset's original was replaced or removed. When this resolves, no failure that was found before is
   * ever served again, by any process that shares the store.
   *
   * @throws {TransformError} `store_unavailable`, retryable, when that could not be written; it goes on being tried
   */
  changed(asset: string): Promise<void>;
  /**
   * Says that an original is arriving. Until that is over, requests that miss it wait, and nothing of that is remembered.
   *
   * @returns a function that ends the pending state; call it after `changed()` resolves, or when the upload failed
   */
  changing(asset: string): () => void;
}
