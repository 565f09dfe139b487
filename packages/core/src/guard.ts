import type { AttemptContext, AttemptStart } from './attempt-owner.ts';
import { type Decision, decide, runDecision } from './decide.ts';
import { createGuardParts, type GuardParts } from './guard-parts.ts';
import type { Guard, GuardRequest, Recall, Remembered } from './guard-request.ts';
import type { Found } from './lookup.ts';
import type { GuardSettings } from './options.ts';
import { busyOutcome, heldOutcome, left, type Outcome } from './outcome.ts';
import { decideAgain, joinedResult, type RunResult, recordRun } from './record-run.ts';
import { RunAttempt, run } from './run.ts';
import type { RunLease } from './run-lease.ts';
import { runKey } from './shared-runs.ts';
import { type Steps, settled, takeSteps } from './steps.ts';
import { markKey, type Target, type TargetKeys } from './target.ts';
import { type GuardTask, newVisit, type Visit } from './visit.ts';

/** After this number of own runs a request runs without a stamp, so that changes cannot delay it forever. */
const maxRounds = 2;

/** The guard that `createGuard` creates. */
export class RequestGuard implements Guard {
  readonly changed: Guard['changed'];
  readonly forget: Guard['forget'];
  readonly announce: Guard['announce'];
  readonly sharedValues: Guard['sharedValues'];
  readonly #settings: GuardSettings;
  readonly #parts: GuardParts;

  constructor(settings: GuardSettings) {
    this.#settings = settings;
    this.#parts = createGuardParts(settings, (search) => takeSteps(this.#steps({ ...newVisit, ...search })));
    this.changed = this.#parts.changed;
    this.forget = this.#parts.forget;
    this.announce = this.#parts.announce;
    this.sharedValues = settings.ledger.shared;
  }

  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>> {
    const { target, matches } = request;
    const visit: Visit<T> = { ...newVisit, keys: this.#parts.keysOf(target), matches, task: request };
    const outcome = takeSteps(this.#steps(visit));
    if (outcome instanceof Promise) return outcome.then((awaited) => this.#notify(target, awaited));
    return this.#notify(target, outcome);
  }

  recall({ target, matches, uses }: Recall): Remembered | undefined | Promise<Remembered | undefined> {
    const visit: Visit<never> = { ...newVisit, keys: this.#parts.keysOf(target), matches };
    const outcome = takeSteps(this.#steps(visit));
    const remembered = (ended: Outcome<never>) => {
      if (ended.kind !== 'cached' && ended.kind !== 'failed') return undefined;
      return uses === undefined || uses(ended) ? this.#notify(target, ended) : undefined;
    };
    return outcome instanceof Promise ? outcome.then(remembered) : remembered(outcome);
  }

  async inspect(target: Target): Promise<Found> {
    return this.#parts.serving.here(await this.#parts.lookUp.read(this.#parts.keysOf(target)));
  }

  isArriving(target: Target): boolean {
    return this.#settings.pending.has(this.#parts.keysOf(target).marks);
  }

  changing(asset: string): () => void {
    return this.#settings.pending.begin(markKey(asset));
  }

  /** All steps of a request, in their order. `takeSteps` takes them, without a promise if no step has to wait. */
  *#steps<T>(visit: Visit<T>): Steps<Outcome<T>> {
    const { keys, task } = visit;
    const { lookUp, serving } = this.#parts;
    for (;;) {
      // Look up.
      const reading = visit.from ?? lookUp.read(keys, visit.matches);
      let found = reading instanceof Promise ? yield* settled(reading) : reading;
      // An asset without a mark has no valid records, so a run follows. The result of the run needs a stamp.
      if (found.stamp === undefined && visit.from === undefined && task !== undefined) {
        found = yield* settled(lookUp.readUnderMarks(keys, visit.matches));
      }
      // Decide.
      const decision = visit.from === undefined ? this.#decide(visit, found) : runDecision;
      visit.from = undefined;
      // Hold a failure, or serve a cached derivative.
      if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
      if (decision.kind === 'serve') {
        const opening = serving.serve(visit, decision);
        const cached = opening instanceof Promise ? yield* settled(opening) : opening;
        if (cached?.state === 'refreshed') void this.#refresh(visit, found);
        if (cached !== undefined) return cached;
        continue; // The bytes of the variant were evicted. The next look-up ignores this variant.
      }
      if (task === undefined) return left;
      // Otherwise run once.
      const result = yield* this.#runOnce(visit, task, found);
      // End with the result, or with a stale derivative instead of a failure. Otherwise start again.
      if (result.kind === 'failed') {
        const stale = serving.staleIfError(visit, found, result);
        return (stale instanceof Promise ? yield* settled(stale) : stale) ?? result;
      }
      if (result.kind === 'unusable') continue;
      if (result.kind !== 'changed' && result.kind !== 'abandoned') return result;
      if (task.hasLeft?.() === true) return left;
      visit.sharing = '';
    }
  }

  /** Joins the run that is in progress, or begins one. All its requests share the result. */
  *#runOnce<T>(visit: Visit<T>, task: GuardTask<T>, found: Found): Steps<RunResult<T>> {
    const { runs, leases, recording, owner } = this.#parts;
    const { clock, random, timeoutMs, maxPendingMs } = this.#settings;
    visit.patience ??= { endsAt: clock() + maxPendingMs };
    const { keys, patience } = visit;
    const stamp = visit.rounds < maxRounds ? found.stamp : undefined;
    const key = stamp === undefined ? undefined : runKey(visit, found, this.#settings);
    const joined = runs.join(key, task);
    if (joined === 'full') return busyOutcome(random());
    if (joined !== undefined) {
      const result = (yield* settled(joined)) as RunResult<T>;
      const mayWait = this.#isAwaited(keys, found) && clock() < patience.endsAt;
      return joinedResult(result, task, visit, { found, isAwaited: mayWait });
    }
    const sharedRun = runs.open(key, keys, found, task);
    let lease: RunLease | undefined;
    try {
      // Look up again. If another process runs, wait for it.
      const startedAt = clock();
      const beginning = leases.begin({ visit, found, stamp, patience });
      const turn = beginning instanceof Promise ? yield* settled(beginning) : beginning;
      lease = turn.lease;
      const { clients } = sharedRun;
      // Decide again.
      const context = this.#contextOf(visit, turn.found, { stamp, startedAt, patience, lease, clients });
      let result: RunResult<T> | undefined = turn.instead ?? decideAgain(context, clock());
      if (result === undefined) {
        // Run, and record the result.
        const attempt = new RunAttempt(context, owner);
        const running = run(task.work, attempt, timeoutMs);
        const end = running instanceof Promise ? yield* settled(running) : running;
        const recorded = recordRun(end, { task, context, attempt }, recording);
        result = recorded instanceof Promise ? yield* settled(recorded) : recorded;
      }
      result = leases.endWith(result, lease);
      runs.end(sharedRun, result);
      if (result.kind === 'changed' || result.kind === 'abandoned') visit.rounds += 1;
      return result;
    } catch (error) {
      void leases.release(lease);
      runs.fail(sharedRun, error);
      throw error;
    }
  }

  #decide<T>(visit: Visit<T>, found: Found): Decision {
    const { keys } = visit;
    const decision = decide(found, this.#settings.clock(), {
      // While the store cannot be reached, uploads to other processes are unknown: hold nothing after its window.
      isProbed: (failure) => found.reachable && this.#parts.runs.isProbed(keys, failure),
      isAwaited: this.#isAwaited(keys, found),
      variant: found.cached === undefined ? undefined : this.#parts.serving.select(visit, found.cached),
    });
    // A recall runs nothing, so a recall cannot refresh a stale derivative. The stale derivative counts as not found.
    const isRefreshed = decision.kind === 'serve' && decision.state === 'refreshed';
    return isRefreshed && visit.task === undefined ? runDecision : decision;
  }

  #contextOf<T>(visit: Visit<T>, found: Found, start: AttemptStart): AttemptContext {
    const stale = found.cached === undefined ? undefined : this.#parts.serving.select(visit, found.cached);
    const forgottenBefore = this.#parts.recording.forgotten.count();
    return {
      keys: visit.keys,
      found,
      stale,
      isArriving: this.#isAwaited(visit.keys, found),
      forgottenBefore,
      ofOriginal: undefined,
      ...start,
    };
  }

  /** Makes a stale derivative again. The response does not wait for this. Errors go to `onError`. */
  async #refresh<T>({ keys, matches, evicted, task }: Visit<T>, from: Found): Promise<void> {
    if (task === undefined) return;
    const refreshTask = { ...task, take: () => true, hasLeft: () => true };
    try {
      const ended = await takeSteps(this.#steps<T>({ ...newVisit, matches, evicted, keys, task: refreshTask, from }));
      if (ended.kind === 'made' && !ended.joined) task.unclaimed?.(ended.value);
      if (ended.kind === 'cached') ended.cached.release();
    } catch (error) {
      this.#settings.onError(error);
    }
  }

  #notify<O extends Outcome<unknown>>(target: Target, outcome: O): O {
    this.#settings.onOutcome?.({ target, outcome });
    return outcome;
  }

  #isAwaited({ marks }: TargetKeys, { isPending }: Found): boolean {
    return isPending || (this.#settings.pending.assets.size > 0 && this.#settings.pending.has(marks));
  }
}
