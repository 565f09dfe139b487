import type { Arrivals } from './arrivals.ts';
import type { CachedVariant } from './cached-record.ts';
import type { Failure } from './failure.ts';
import { type ForgettingTools, recordUnlessForgotten } from './forget.ts';
import type { Found } from './lookup.ts';
import type { Failed, Outcome } from './outcome.ts';
import type { Patience } from './pending-changes.ts';
import { isHeld, type Recorder } from './record.ts';
import { type Attempt, type AttemptOwner, abandoned } from './run.ts';
import type { RunLease } from './run-lease.ts';
import { originalKeys, type TargetKeys } from './target.ts';
import { TransformError } from './transform-error.ts';
import type { GuardTask } from './visit.ts';

/** The context of one attempt of a guard. */
export interface AttemptContext {
  readonly keys: TargetKeys;
  /** The result of the last look-up before the run. */
  readonly found: Found;
  /** The marks before the run; `undefined` when the result of the run must not be recorded. */
  readonly stamp: string | undefined;
  /** The stale variant that the handler may validate. */
  readonly stale: CachedVariant | undefined;
  /** Whether the original was being uploaded when the run began. */
  readonly isArriving: boolean;
  /** Start of the attempt, epoch milliseconds. */
  readonly startedAt: number;
  readonly patience: Patience;
  readonly clients: Attempt['clients'];
  /** `Forgotten.count` at the start. If the target was forgotten since, nothing of the attempt is recorded. */
  readonly forgottenBefore: number;
  /** The lease of the run. If it is lost, nothing is recorded. */
  readonly lease: RunLease | undefined;
  /** The failure of the original that the search of this attempt has found recorded, or has recorded. */
  ofOriginal: Failure | undefined;
}

/** What the guard knows when an attempt starts. */
export type AttemptStart = Pick<AttemptContext, 'stamp' | 'startedAt' | 'patience' | 'clients' | 'lease'>;

/** A search for an original. All requests that need the original share it. */
export interface Search<O> {
  readonly keys: TargetKeys;
  readonly from: Found;
  readonly patience: Patience;
  readonly task: GuardTask<O>;
}

export interface AttemptOwnerParts extends ForgettingTools {
  readonly arrivals: Arrivals;
  readonly recorder: Recorder;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  /**
   * Takes the steps of the guard for a search. So the failure of a search is shared, held and recorded like the failure
   * of a run.
   */
  readonly search: <O>(search: Search<O>) => Outcome<O> | Promise<Outcome<O>>;
}

export function createAttemptOwner(parts: AttemptOwnerParts): AttemptOwner<AttemptContext> {
  const { arrivals, recorder, clock, onError, search } = parts;

  /**
   * If the original is missing but is being uploaded, waits for the upload.
   * @returns `abandoned` after the upload: then the guard starts again
   * @throws {TransformError} `pending` when the request must not wait any longer
   */
  async function findOrWait<O>(
    { keys, found, patience }: AttemptContext,
    find: () => Promise<O>,
  ): Promise<O | typeof abandoned> {
    try {
      return await find();
    } catch (error) {
      if (!isMissing(error) || !arrivals.isAwaited(keys, found)) throw error;
      if ((await arrivals.whenEnded(keys, found, patience)) === true) return abandoned;
      throw new TransformError('pending', 'The original is being uploaded.', { retryAfterMs: 1000, cause: error });
    }
  }

  return {
    changeEnds: ({ keys, found, patience }) => arrivals.whenEnded(keys, found, patience)?.then(() => undefined),
    async recordLate({ keys, found, stamp, startedAt, forgottenBefore }, fault) {
      if (stamp === undefined || !isHeld(fault)) return;
      try {
        await recordUnlessForgotten(keys, forgottenBefore, parts, () =>
          recorder.failure(keys, found, fault, { startedAt, endedAt: clock() }),
        );
      } catch (error) {
        onError(error);
      }
    },
    async findOriginal(context, find) {
      const { keys, patience } = context;
      const task = { ...searchTask, work: () => findOrWait(context, find) };
      const from = foundOfOriginal(context);
      const outcome = await search({ keys: originalKeys(keys), from, patience, task });
      if (outcome.kind === 'made') return outcome.value;
      if (outcome.kind === 'failed') {
        context.ofOriginal = outcome.failure;
        throw errorOf(outcome);
      }
      if (outcome.kind !== 'busy') throw abandoned;
      const { retryAfterMs } = outcome;
      throw new TransformError('busy', 'Too many requests wait for the same original.', { retryAfterMs });
    },
  };
}

/**
 * `take`: every request can use the same original. `hasLeft`: if the asset changes during the search, the search ends,
 * and the run starts again.
 */
const searchTask = { take: () => true, checksSuccess: false, hasLeft: () => true };

/**
 * The records that concern the original only. The search of a run without a stamp has no stamp and is not shared. If
 * the search had a stamp, such a run would start again forever with a store that evicts marks at once.
 */
function foundOfOriginal({ found, stamp }: AttemptContext): Found {
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
