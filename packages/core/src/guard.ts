import { type AttemptFacts, createAttemptOwner } from './attempt-owner.ts';
import { type Decision, decide, runDecision } from './decide.ts';
import type { GuardOptions } from './guard-options.ts';
import type { Guard, GuardRequest, Recall, Remembered } from './guard-request.ts';
import { createLookUp, type Found, type LookUp } from './lookup.ts';
import { checkedOptions, type GuardSettings } from './options.ts';
import { busyOutcome, heldOutcome, left, type Outcome } from './outcome.ts';
import { createRecorder } from './record.ts';
import { decideAgain, joinedResult, type RecordRunTools, type RunResult, recordRun } from './record-run.ts';
import { createRenewal } from './renew.ts';
import { type AttemptOwner, RunAttempt, run } from './run.ts';
import { createServing, type Serving, select } from './serve.ts';
import { createSharedRuns, runKey, type SharedRuns } from './shared-runs.ts';
import { type Steps, settled, takeSteps } from './steps.ts';
import { createKeyMemo, markKey, type Target, type TargetKeys } from './target.ts';
import { newVisit, type Visit } from './visit.ts';

/** How often a request looks again because the asset changed during its run, or the run was abandoned. */
const maxRounds = 2;

/** @throws {RangeError} naming the option that cannot work and what it may be */
export function createGuard(options: GuardOptions): Guard {
  return new RequestGuard(checkedOptions(options));
}

class RequestGuard implements Guard {
  readonly changed: Guard['changed'];
  readonly #settings: GuardSettings;
  readonly #keysOf: (target: Target) => TargetKeys = createKeyMemo();
  readonly #lookUp: LookUp;
  readonly #serving: Serving;
  readonly #runs: SharedRuns<RunResult<unknown>>;
  readonly #recording: RecordRunTools;
  readonly #owner: AttemptOwner<AttemptFacts>;

  constructor(settings: GuardSettings) {
    const lookUp = createLookUp(settings);
    const recorder = createRecorder({ ...settings, lookUp });
    this.changed = createRenewal(settings);
    this.#settings = settings;
    this.#lookUp = lookUp;
    this.#serving = createServing(settings);
    this.#runs = createSharedRuns(settings);
    this.#recording = { ...settings, recorder };
    this.#owner = createAttemptOwner({
      ...settings,
      recorder,
      search: ({ keys, from, patience, task }) => takeSteps(this.#steps({ ...newVisit, keys, from, patience, task })),
    });
  }

  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>> {
    const { target, select } = request;
    const visit: Visit<T> = { ...newVisit, keys: this.#keysOf(target), select, task: request };
    const outcome = takeSteps(this.#steps(visit));
    return outcome instanceof Promise ? outcome.then((late) => this.#tell(target, late)) : this.#tell(target, outcome);
  }

  recall({ target, select }: Recall): Remembered | undefined | Promise<Remembered | undefined> {
    const visit: Visit<never> = { ...newVisit, keys: this.#keysOf(target), select };
    const outcome = takeSteps(this.#steps(visit));
    const remembered = (ended: Outcome<never>) => {
      return ended.kind === 'cached' || ended.kind === 'failed' ? this.#tell(target, ended) : undefined;
    };
    return outcome instanceof Promise ? outcome.then(remembered) : remembered(outcome);
  }

  async inspect(target: Target): Promise<Found> {
    return this.#lookUp.read(this.#keysOf(target));
  }

  isArriving(target: Target): boolean {
    return this.#isAwaited(this.#keysOf(target));
  }

  changing(asset: string): () => void {
    return this.#settings.pending.begin(markKey(asset));
  }

  /** The spine: every step of a request, in order. It returns without a promise where no step has to wait. */
  *#steps<T>(visit: Visit<T>): Steps<Outcome<T>> {
    const { keys, task } = visit;
    for (;;) {
      // Look up.
      const looked = visit.from ?? this.#lookUp.read(keys);
      let found = looked instanceof Promise ? yield* settled(looked) : looked;
      // Nothing is remembered of an asset without a mark, so there will be a run, and what it finds must be stamped.
      if (found.stamp === undefined && visit.from === undefined && task !== undefined) {
        found = yield* settled(this.#lookUp.readUnderMarks(keys));
      }
      // Decide.
      const decision = visit.from === undefined ? this.#decide(visit, found) : runDecision;
      visit.from = undefined;
      // Hold, serve, …
      if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
      if (decision.kind === 'serve') {
        const opening = this.#serving.serve(visit, decision);
        const cached = opening instanceof Promise ? yield* settled(opening) : opening;
        if (cached?.state === 'refreshed') void this.#refresh(visit, found);
        if (cached !== undefined) return cached;
        continue;
      }
      if (task === undefined) return left;
      // … or run once: join the run that is under way, …
      visit.patience ??= { endsAt: this.#settings.clock() + this.#settings.maxPendingMs };
      const { patience } = visit;
      let result: RunResult<T>;
      const stamp = visit.rounds < maxRounds ? found.stamp : undefined;
      const key = stamp === undefined ? undefined : runKey(visit, found, this.#settings);
      const joined = this.#runs.join(key);
      if (joined === 'full') return busyOutcome(this.#settings.random());
      if (joined !== undefined) {
        const theirs = (yield* settled(joined)) as RunResult<T>;
        const isAwaited = this.#isAwaited(keys) && this.#settings.clock() < patience.endsAt;
        result = joinedResult(theirs, task, visit, { found, isAwaited });
      } else {
        const own = this.#runs.open(key, keys, found);
        try {
          // … or begin one: look up again, decide again, …
          const startedAt = this.#settings.clock();
          const reading = this.#lookUp.readAgain(keys, found);
          const again = reading instanceof Promise ? yield* settled(reading) : reading;
          const facts = this.#factsOf(visit, again, { stamp, startedAt, patience });
          const known = decideAgain(facts, this.#settings.clock());
          // … run, and record.
          if (known !== undefined) result = known;
          else {
            const attempt = new RunAttempt(facts, this.#owner);
            const running = run(task.work, attempt, this.#settings.timeoutMs);
            const end = running instanceof Promise ? yield* settled(running) : running;
            const recording = recordRun(end, { task, facts, attempt }, this.#recording);
            result = recording instanceof Promise ? yield* settled(recording) : recording;
          }
          this.#runs.end(own, result);
        } catch (error) {
          this.#runs.fail(own, error);
          throw error;
        }
      }
      // Outcome: the result, a stale derivative instead of a failure, or all of it once more.
      if (result.kind === 'failed') {
        const stale = this.#serving.staleIfError(visit, found, result);
        return (stale instanceof Promise ? yield* settled(stale) : stale) ?? result;
      }
      if (result.kind === 'apart') continue;
      if (result.kind !== 'moved' && result.kind !== 'abandoned') return result;
      if (task.hasLeft?.() === true) return left;
      visit.rounds += 1;
      visit.sharing = '';
    }
  }

  #decide<T>(visit: Visit<T>, found: Found): Decision {
    const { keys, task } = visit;
    const decision = decide(found, this.#settings.clock(), {
      // Without the store this process cannot know of an upload in another process: a failure is not used past its
      // window.
      isProbed: (failure) => found.reachable && this.#runs.isProbed(keys, failure),
      isAwaited: this.#isAwaited(keys),
      variant: found.cached === undefined ? undefined : select(visit, found.cached),
    });
    // A recall must not start a run.
    const isStale = decision.kind === 'serve' && decision.state === 'refreshed';
    return isStale && task === undefined ? runDecision : decision;
  }

  #factsOf<T>(
    visit: Visit<T>,
    found: Found,
    start: Pick<AttemptFacts, 'stamp' | 'startedAt' | 'patience'>,
  ): AttemptFacts {
    const stale = found.cached === undefined ? undefined : select(visit, found.cached);
    return { keys: visit.keys, found, stale, isArriving: this.#isAwaited(visit.keys), ...start };
  }

  /** Makes the served derivative again, after the response. A fault there does not change the response. */
  async #refresh<T>({ keys, select: choose, evicted, task }: Visit<T>, from: Found): Promise<void> {
    if (task === undefined) return;
    const behind = { ...task, take: () => true, hasLeft: () => true };
    try {
      const visit: Visit<T> = { ...newVisit, select: choose, evicted, keys, task: behind, from };
      const ended = await takeSteps(this.#steps(visit));
      if (ended.kind === 'made' && !ended.joined) task.unclaimed?.(ended.value);
      if (ended.kind === 'cached') ended.cached.release();
    } catch (error) {
      this.#settings.onError(error);
    }
  }

  #tell<O extends Outcome<unknown>>(target: Target, outcome: O): O {
    this.#settings.onOutcome?.({ target, outcome });
    return outcome;
  }

  #isAwaited(keys: TargetKeys): boolean {
    const { pending } = this.#settings;
    return pending.assets.size > 0 && pending.has(keys.marks);
  }
}
