import type { CachedVariant } from './cached-record.ts';
import type { Found } from './lookup.ts';
import type { Failed, Outcome } from './outcome.ts';
import type { Patience, PendingChanges } from './pending-changes.ts';
import { isHeld, type Recorder } from './record.ts';
import { type AttemptOwner, abandoned } from './run.ts';
import { originalKeys, type TargetKeys } from './target.ts';
import { TransformError } from './transform-error.ts';
import type { GuardTask } from './visit.ts';

/** What one attempt of a guard knows. */
export interface AttemptFacts {
  readonly keys: TargetKeys;
  /** What was looked up right before the run. */
  readonly found: Found;
  /** `undefined` when nothing of the run may be recorded. */
  readonly stamp: string | undefined;
  readonly stale: CachedVariant | undefined;
  readonly isArriving: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly patience: Patience;
}

/** A search for an original: one for all requests that need it. */
export interface Search<O> {
  readonly keys: TargetKeys;
  readonly from: Found;
  readonly patience: Patience;
  readonly task: GuardTask<O>;
}

export interface AttemptOwnerParts {
  readonly pending: PendingChanges;
  readonly recorder: Recorder;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly search: <O>(search: Search<O>) => Outcome<O> | Promise<Outcome<O>>;
}

export function createAttemptOwner(parts: AttemptOwnerParts): AttemptOwner<AttemptFacts> {
  const { pending, recorder, clock, onError, search } = parts;

  function changeEnds({ keys, patience }: AttemptFacts): Promise<void> | undefined {
    return pending.of(keys.marks, patience);
  }

  /** Waits for a missing original while it is being uploaded; then everything is looked up again. */
  async function findOrWait<O>(facts: AttemptFacts, find: () => Promise<O>): Promise<O | typeof abandoned> {
    const isArriving = () => pending.has(facts.keys.marks);
    try {
      return await find();
    } catch (error) {
      if (!isMissing(error) || !isArriving()) throw error;
      for (let ending = changeEnds(facts); ending !== undefined; ending = changeEnds(facts)) await ending;
      if (!isArriving()) return abandoned;
      throw new TransformError('pending', 'The original is being uploaded.', { retryAfterMs: 1000, cause: error });
    }
  }

  return {
    changeEnds,
    async recordLate({ keys, found, stamp, startedAt }, fault) {
      if (stamp === undefined || !isHeld(fault)) return;
      try {
        await recorder.failure(keys, found, fault, { startedAt, endedAt: clock() });
      } catch (error) {
        onError(error);
      }
    },
    async findOriginal(facts, find) {
      const { keys, patience } = facts;
      const task = { ...searching, work: () => findOrWait(facts, find) };
      const outcome = await search({ keys: originalKeys(keys), from: foundOfOriginal(facts), patience, task });
      if (outcome.kind === 'made') return outcome.value;
      if (outcome.kind === 'failed') throw errorOf(outcome);
      if (outcome.kind !== 'busy') throw abandoned;
      const { retryAfterMs } = outcome;
      throw new TransformError('busy', 'Too many requests wait for the same original.', { retryAfterMs });
    },
  };
}

/** An original is for every request. When the asset changes during the search, the whole run begins again. */
const searching = { take: () => true, checksSuccess: false, hasLeft: () => true };

/**
 * The part of what was found that is about the original. A run without a stamp must not share the original look-up:
 * with a store that evicts marks at once it would retry for ever.
 */
function foundOfOriginal({ found, stamp }: AttemptFacts): Found {
  const hasFailure = (found.absence ?? found.missing_version) !== undefined;
  return { ...found, stamp, permanent: undefined, transient: undefined, cached: undefined, hasFailure };
}

function isMissing(error: unknown): boolean {
  return TransformError.is(error) && (error.code === 'missing_original' || error.code === 'missing_version');
}

function errorOf({ fault, error }: Failed): TransformError {
  const { retryAfterMs } = fault;
  return new TransformError(fault.code, fault.message, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
