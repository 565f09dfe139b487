import { type Decision, decide } from './decide.ts';
import { type Failure, remainingMs } from './failure.ts';
import type { Found, LookUp } from './lookup.ts';
import type { Outcome } from './outcome.ts';
import { heldClasses, isHeld, type Recorder, remembersFailure, staleEndsAt } from './record.ts';
import { type Attempt, abandoned, run } from './run.ts';
import { createFlights } from './single-flight.ts';
import { originalKeys, type TargetKeys } from './target.ts';
import { TransformError } from './transform-error.ts';

export interface Work<T> {
  /** Makes the derivation; called only when nothing is held. */
  readonly work: (attempt: Attempt) => Promise<T | typeof abandoned>;
  /** Whether those who asked meanwhile may have this value too; when not, they run for themselves. */
  readonly isShareable: (value: T) => boolean;
  /** Whether a success is checked against an upload that came in meanwhile; costs one more read. */
  readonly checksSuccess: boolean;
  /** Whether a value ends the ladders; one that does not is no failure either. @default every value does */
  readonly isSuccess?: (value: T) => boolean;
}

/** `moved`: the asset changed during the run. `abandoned`: whoever ran it left. Both: look again. */
export type Landing<T> = Outcome<T> | { readonly kind: 'moved' } | { readonly kind: 'abandoned' };

export interface RunOnceOptions {
  readonly lookUp: LookUp;
  readonly recorder: Recorder;
  readonly clock: () => number;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly maxWaiters: number;
  readonly maxStaleMs: number;
}

export interface RunOnce {
  /**
   * Runs the work, unless somebody does already: then waits for that.
   * @param found - what was looked up; without a stamp the run is nobody else's and leaves no record
   */
  runOnce<T>(keys: TargetKeys, found: Found, work: Work<T>): Promise<Landing<T>>;
  /** Whether a run is under way that began with this failure. */
  isProbed(keys: TargetKeys, failure: Failure): boolean;
}

export function createRunOnce(options: RunOnceOptions): RunOnce {
  const { lookUp, recorder, clock, random, timeoutMs, maxWaiters, maxStaleMs } = options;
  const flights = createFlights<Landing<unknown>>({ maxWaiters });
  const probed = new Set<string>();

  /** From taking off to landing: look up and decide again, run, record. The record is confirmed before it ends. */
  async function fly<T>(keys: TargetKeys, found: Found, work: Work<T>): Promise<Landing<T>> {
    const { stamp } = found;
    const startedAt = clock();
    const again = lookUp.readAgain(keys, found);
    const before = again instanceof Promise ? await again : again;
    if (stamp !== undefined && before.stamp !== stamp) return { kind: 'moved' };
    const decision = decide(before, clock(), () => false);
    if (decision.kind === 'hold') return heldOutcome(decision, before.reachable);
    // Who runs alone looks for the original alone too, or a store that forgets faster than it is asked sends him round
    // for ever.
    const under = stamp === undefined ? { ...before, stamp } : before;
    const end = await run(work.work, attemptUnder(keys, under, startedAt), timeoutMs);
    if (end.kind === 'abandoned') return end;
    if (end.kind === 'made') {
      const succeeded = work.isSuccess === undefined || work.isSuccess(end.value);
      const checks = succeeded && (work.checksSuccess || remembersFailure(before));
      const stands = checks ? await recorder.success(keys, before) : true;
      const storable = stands && before.reachable && stamp !== undefined;
      return { kind: 'made', value: end.value, joined: false, storable, tookMs: end.tookMs };
    }
    const { fault, error } = end;
    const endedAt = clock();
    const failure =
      isHeld(fault) && stamp !== undefined
        ? await recorder.failure(keys, before, fault, { startedAt, endedAt })
        : undefined;
    if (failure === 'moved') return { kind: 'moved' };
    if (failure !== undefined) return failed('run', failure, remainingMs(failure, endedAt), before.reachable, error);
    return { kind: 'failed', source: 'run', fault, failure, remainingMs: 0, storable: false, error };
  }

  function runOnce<T>(keys: TargetKeys, found: Found, work: Work<T>): Promise<Landing<T>> {
    const { stamp } = found;
    const start = () => fly(keys, found, work);
    // Without a generation nobody can tell a run from before an upload from one after it, so none is shared.
    if (stamp === undefined) return start();
    const period = found.reachable ? '' : staleEndsAt(clock(), maxStaleMs);
    const flightKey = `${keys.scope} ${stamp}${period}`;
    const joined = flights.join(flightKey) as Promise<Landing<T>> | 'full' | undefined;
    if (joined === 'full') return Promise.resolve({ kind: 'busy', retryAfterMs: 1000 + Math.floor(random() * 4000) });
    if (joined !== undefined) return landedWith(joined, work, start);
    const probes = remembersFailure(found);
    return flights.open(flightKey, probes ? () => probing(keys, found, start) : start) as Promise<Landing<T>>;
  }

  /** For those who waited. */
  async function landedWith<T>(
    joined: Promise<Landing<T>>,
    work: Work<T>,
    start: () => Promise<Landing<T>>,
  ): Promise<Landing<T>> {
    const landing = await joined;
    if (landing.kind === 'made') return work.isShareable(landing.value) ? { ...landing, joined: true } : start();
    return landing.kind === 'failed' && landing.source === 'run' ? { ...landing, source: 'joined' } : landing;
  }

  /** Tells everybody, from the moment of taking off, which remembered failures are being tried again. */
  async function probing<T>(keys: TargetKeys, found: Found, start: () => Promise<T>): Promise<T> {
    const probes: string[] = [];
    for (const held of heldClasses) {
      const failure = found[held];
      if (failure !== undefined) probes.push(probeKey(keys, failure));
    }
    for (const probe of probes) probed.add(probe);
    try {
      return await start();
    } finally {
      for (const probe of probes) probed.delete(probe);
    }
  }

  function attemptUnder(keys: TargetKeys, before: Found, startedAt: number): Omit<Attempt, 'signal'> {
    return {
      stamp: before.stamp,
      async findOriginal<O>(find: () => Promise<O>): Promise<O> {
        const search: Work<O> = { work: find, isShareable: () => true, checksSuccess: false };
        const landing = await runOnce(originalKeys(keys), before, search);
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

  return { runOnce, isProbed: (keys, failure) => probed.has(probeKey(keys, failure)) };
}

function probeKey(keys: TargetKeys, failure: Failure): string {
  return `${keys[failure.class]} ${failure.stamp}`;
}

export function heldOutcome(
  { failure, remainingMs: rest }: Extract<Decision, { kind: 'hold' }>,
  storable: boolean,
): Extract<Outcome<never>, { kind: 'failed' }> {
  return failed('held', failure, rest, storable);
}

function failed(
  source: 'held' | 'run',
  failure: Failure,
  remaining: number,
  storable: boolean,
  error?: unknown,
): Extract<Outcome<never>, { kind: 'failed' }> {
  return { kind: 'failed', source, fault: failure, failure, remainingMs: remaining, storable, error };
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
