import { decide } from './decide.ts';
import { type Failure, remainingMs } from './failure.ts';
import { findAwaited } from './find-awaited.ts';
import type { KeptRecord, KeptVariant } from './kept-record.ts';
import type { Found, LookUp } from './lookup.ts';
import { failedOutcome, heldOutcome, type Outcome } from './outcome.ts';
import type { Patience, PendingChanges } from './pending-changes.ts';
import { createProbes } from './probes.ts';
import { isHeld, type Recorder, remembersFailure, staleEndsAt } from './record.ts';
import { type Attempt, abandoned, run } from './run.ts';
import { createFlights } from './single-flight.ts';
import { originalKeys, type TargetKeys } from './target.ts';
import { TransformError } from './transform-error.ts';

export interface Work<T> {
  /** Makes the derivation; called only when nothing is held. */
  readonly work: (attempt: Attempt) => Promise<T | typeof abandoned>;
  /** Whether those who asked meanwhile may have this value too; when not, they run for themselves. */
  readonly isShareable: (value: T) => boolean;
  /**
   * What those have in common for whom a value is not: one further run is for all of the same kind.
   * @default each runs for itself, as where it is `undefined`
   */
  readonly kindApart?: (value: T) => string | undefined;
  /** Whether a success is checked against an upload that came in meanwhile; costs one more read. */
  readonly checksSuccess: boolean;
  /** Whether a value ends the ladders; one that does not is no failure either. @default every value does */
  readonly isSuccess?: (value: T) => boolean;
  /**
   * Puts a value away, to be kept; called only when it may be. Goes on behind the answer: until it has settled, others may
   * join the run. `undefined` when it is not to be kept, or could not be.
   */
  readonly putAway?: (value: T, attempt: Pick<Attempt, 'recordLate'>) => Promise<KeptVariant | undefined> | undefined;
  /** Which of the kept variants suits. @default the newest */
  readonly select?: (variants: KeptRecord['variants']) => KeptVariant | undefined;
}

/** `moved`: the asset changed during the run. `abandoned`: whoever ran it left. Both: look again. */
export type Landing<T> =
  | Outcome<T>
  | (Extract<Outcome<T>, { kind: 'made' }> & {
      /** What goes on behind the answer. */
      readonly behind?: Promise<void> | undefined;
    })
  | { readonly kind: 'moved' }
  | { readonly kind: 'abandoned' };

export interface RunOnceOptions {
  readonly lookUp: LookUp;
  readonly recorder: Recorder;
  readonly pending: PendingChanges;
  readonly clock: () => number;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly maxWaiters: number;
  readonly maxStaleMs: number;
  readonly onError: (error: unknown) => void;
}

export interface RunOnce {
  /**
   * Runs the work, unless somebody does already: then waits for that.
   * @param found - what was looked up; without a stamp the run is nobody else's and leaves no record
   * @param patience - what is left of it for an original that is arriving
   */
  runOnce<T>(keys: TargetKeys, found: Found, work: Work<T>, patience: Patience): Promise<Landing<T>>;
  /** Whether a run is under way that began with this failure. */
  isProbed(keys: TargetKeys, failure: Failure): boolean;
}

export function createRunOnce(options: RunOnceOptions): RunOnce {
  const { lookUp, recorder, pending, clock, random, timeoutMs, maxWaiters, maxStaleMs, onError } = options;
  const flights = createFlights<Landing<unknown>>({
    maxWaiters,
    goesOn: (landing) => ('behind' in landing ? landing.behind : undefined),
  });
  const probes = createProbes();

  /** From taking off to landing: look up and decide again, run, record. The record is confirmed before it ends. */
  async function fly<T>(keys: TargetKeys, found: Found, work: Work<T>, patience: Patience): Promise<Landing<T>> {
    const { stamp } = found;
    const startedAt = clock();
    const again = lookUp.readAgain(keys, found);
    const before = again instanceof Promise ? await again : again;
    if (stamp !== undefined && before.stamp !== stamp) return { kind: 'moved' };
    const variant = before.kept === undefined ? undefined : (work.select ?? newest)(before.kept.variants);
    const decision = decide(before, clock(), { isProbed: never, isAwaited: pending.has(keys.marks), variant });
    if (decision.kind === 'hold') return heldOutcome(decision, before.reachable);
    // Somebody has kept it, or tried in vain, since it was looked for.
    if (decision.kind === 'serve' && decision.state !== 'refreshed' && stamp !== undefined) return { kind: 'moved' };
    // Who runs alone looks for the original alone too, or a store that forgets faster than it is asked sends him round
    // for ever.
    const under = stamp === undefined ? { ...before, stamp } : before;
    const attempt = attemptUnder(keys, under, { startedAt, stale: variant, patience });
    const end = await run(work.work, attempt, timeoutMs);
    if (end.kind === 'abandoned') return end;
    if (end.kind === 'made') {
      const succeeded = work.isSuccess === undefined || work.isSuccess(end.value);
      const checks = succeeded && (work.checksSuccess || remembersFailure(before));
      const stands = checks ? await recorder.success(keys, before) : true;
      const storable = stands && before.reachable && stamp !== undefined;
      const putAway = storable ? work.putAway?.(end.value, attempt) : undefined;
      const behind = putAway === undefined ? undefined : keep(keys, before, putAway);
      return { kind: 'made', value: end.value, joined: false, storable, tookMs: end.tookMs, behind };
    }
    const { fault, error } = end;
    const endedAt = clock();
    const failure =
      isHeld(fault) && stamp !== undefined
        ? await recorder.failure(keys, before, fault, { startedAt, endedAt })
        : undefined;
    if (failure === 'moved') return { kind: 'moved' };
    if (failure !== undefined) {
      const rest = { remainingMs: remainingMs(failure, endedAt), storable: before.reachable, error };
      return failedOutcome('run', failure, rest);
    }
    return { kind: 'failed', source: 'run', fault, failure, remainingMs: 0, storable: false, error };
  }

  /** Never rejects: the answer is on its way. */
  async function keep(keys: TargetKeys, before: Found, putAway: Promise<KeptVariant | undefined>): Promise<void> {
    try {
      const variant = await putAway;
      if (variant !== undefined) await recorder.kept(keys, before, variant);
    } catch (error) {
      onError(error);
    }
  }

  function runOnce<T>(keys: TargetKeys, found: Found, work: Work<T>, patience: Patience): Promise<Landing<T>> {
    const { stamp } = found;
    const start = () => fly(keys, found, work, patience);
    // Without a generation nobody can tell a run from before an upload from one after it, so none is shared.
    if (stamp === undefined) return start();
    const period = found.reachable ? '' : staleEndsAt(clock(), maxStaleMs);
    const flightKey = `${keys.scope} ${stamp}${period}`;
    const takesOff = remembersFailure(found) ? () => probes.during(keys, found, start) : start;
    const waitsOn = () => pending.has(keys.marks) && clock() < patience.endsAt;
    return flyTogether(flightKey, takesOff, (landing) =>
      landedFor(landing, work, waitsOn, (value) => {
        const kind = work.kindApart?.(value);
        if (kind === undefined) return start();
        return flyTogether(`${flightKey} ${kind}`, start, (again) => landedFor(again, work, waitsOn, start));
      }),
    );
  }

  /** @param landed - what a landing that was waited for comes to */
  function flyTogether<T>(
    flightKey: string,
    takesOff: () => Promise<Landing<T>>,
    landed: (landing: Landing<T>) => Landing<T> | Promise<Landing<T>>,
  ): Promise<Landing<T>> {
    const joined = flights.join(flightKey) as Promise<Landing<T>> | 'full' | undefined;
    if (joined === 'full') return Promise.resolve({ kind: 'busy', retryAfterMs: 1000 + Math.floor(random() * 4000) });
    return joined?.then(landed) ?? (flights.open(flightKey, takesOff) as Promise<Landing<T>>);
  }

  /**
   * For those who waited.
   * @param waitsOn - whether one may still wait for an original that is arriving
   * @param apart - for those whom the value is not for
   */
  function landedFor<T>(
    landing: Landing<T>,
    work: Work<T>,
    waitsOn: () => boolean,
    apart: (value: T) => Promise<Landing<T>>,
  ): Landing<T> | Promise<Landing<T>> {
    if (landing.kind === 'made') {
      return work.isShareable(landing.value) ? { ...landing, joined: true } : apart(landing.value);
    }
    if (landing.kind !== 'failed' || landing.source !== 'run') return landing;
    // Who asked earlier has waited for long enough; who asked later has not.
    if (landing.fault.code === 'pending' && waitsOn()) return { kind: 'abandoned' };
    return { ...landing, source: 'joined' };
  }

  function attemptUnder(
    keys: TargetKeys,
    before: Found,
    { startedAt, stale, patience }: AttemptFacts,
  ): Omit<Attempt, 'signal'> {
    const changeEnds = () => pending.of(keys.marks, patience);
    return {
      stamp: before.stamp,
      stale,
      changeEnds,
      async findOriginal<O>(find: () => Promise<O>): Promise<O> {
        const search: Work<O> = {
          work: () => findAwaited(find, { isArriving: () => pending.has(keys.marks), changeEnds }),
          isShareable: () => true,
          checksSuccess: false,
        };
        const landing = await runOnce(originalKeys(keys), before, search, patience);
        if (landing.kind === 'made') return landing.value;
        if (landing.kind === 'busy') throw busy(landing.retryAfterMs);
        if (landing.kind !== 'failed') throw abandoned;
        throw errorOf(landing);
      },
      async recordLate(fault) {
        if (isHeld(fault)) await recorder.failure(keys, before, fault, { startedAt, endedAt: clock() });
      },
    };
  }

  return { runOnce, isProbed: probes.isProbed };
}

interface AttemptFacts {
  readonly startedAt: number;
  readonly stale: KeptVariant | undefined;
  readonly patience: Patience;
}

function newest(variants: KeptRecord['variants']): KeptVariant | undefined {
  return variants[0];
}

function never(): boolean {
  return false;
}

function busy(retryAfterMs: number): TransformError {
  return new TransformError('busy', 'Too many requests wait for the same original.', { retryAfterMs });
}

function errorOf({ fault, error }: Extract<Outcome<never>, { kind: 'failed' }>): TransformError {
  const { retryAfterMs } = fault;
  return new TransformError(fault.code, fault.message, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
