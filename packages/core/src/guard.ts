import { type AttemptContext, type AttemptStart, createAttemptOwner } from './attempt-owner.ts';
import { type Decision, decide, runDecision } from './decide.ts';
import { createForgetting } from './forget.ts';
import type { Guard, GuardRequest, Recall, Remembered } from './guard-request.ts';
import { createLookUp, type Found, type LookUp } from './lookup.ts';
import type { GuardSettings } from './options.ts';
import { busyOutcome, heldOutcome, left, type Outcome } from './outcome.ts';
import { createRecorder } from './record.ts';
import { decideAgain, joinedResult, type RecordRunTools, type RunResult, recordRun } from './record-run.ts';
import { createRenewal } from './renew.ts';
import { type AttemptOwner, RunAttempt, run } from './run.ts';
import { createServing, type Serving } from './serve.ts';
import { createSharedRuns, runKey, type SharedRuns } from './shared-runs.ts';
import { type Steps, settled, takeSteps } from './steps.ts';
import { createKeyMemo, markKey, type Target, type TargetKeys } from './target.ts';
import { newVisit, type Visit } from './visit.ts';

/** After this number of own runs a request runs without a stamp, so that changes cannot delay it forever. */
const maxRounds = 2;

/** The guard that `createGuard` creates. */
export class RequestGuard implements Guard {
  readonly changed: Guard['changed'];
  readonly forget: Guard['forget'];
  readonly sharedValues: Guard['sharedValues'];
  readonly #settings: GuardSettings;
  readonly #keysOf: (target: Target) => TargetKeys = createKeyMemo();
  readonly #lookUp: LookUp;
  readonly #serving: Serving;
  readonly #runs: SharedRuns<RunResult<unknown>>;
  readonly #recording: RecordRunTools;
  readonly #owner: AttemptOwner<AttemptContext>;

  constructor(settings: GuardSettings) {
    const lookUp = createLookUp(settings);
    const recorder = createRecorder({ ...settings, lookUp });
    this.sharedValues = settings.ledger.shared;
    this.#settings = settings;
    this.#lookUp = lookUp;
    this.#serving = createServing(settings);
    this.#runs = createSharedRuns(settings);
    const onRenewed = (key: string, mark: string) => this.#runs.release(key, mark, { kind: 'changed' });
    this.changed = createRenewal({ ...settings, onRenewed });
    const leaveRuns = (scope: string) => this.#runs.forget(scope, { kind: 'changed' });
    const parts = { ...settings, lookUp, leaveRuns, keysOf: this.#keysOf };
    const forgetting = createForgetting({ ...parts, changed: this.changed });
    this.forget = forgetting.forget;
    const recording = { ...settings, ...forgetting, recorder };
    this.#recording = recording;
    this.#owner = createAttemptOwner({
      ...recording,
      search: ({ keys, from, patience, task }) => takeSteps(this.#steps({ ...newVisit, keys, from, patience, task })),
    });
  }

  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>> {
    const { target, matches } = request;
    const visit: Visit<T> = { ...newVisit, keys: this.#keysOf(target), matches, task: request };
    const outcome = takeSteps(this.#steps(visit));
    if (outcome instanceof Promise) return outcome.then((awaited) => this.#notify(target, awaited));
    return this.#notify(target, outcome);
  }

  recall({ target, matches, uses }: Recall): Remembered | undefined | Promise<Remembered | undefined> {
    const visit: Visit<never> = { ...newVisit, keys: this.#keysOf(target), matches };
    const outcome = takeSteps(this.#steps(visit));
    const remembered = (ended: Outcome<never>) => {
      if (ended.kind !== 'cached' && ended.kind !== 'failed') return undefined;
      return uses === undefined || uses(ended) ? this.#notify(target, ended) : undefined;
    };
    return outcome instanceof Promise ? outcome.then(remembered) : remembered(outcome);
  }

  async inspect(target: Target): Promise<Found> {
    return this.#serving.here(await this.#lookUp.read(this.#keysOf(target)));
  }

  isArriving(target: Target): boolean {
    return this.#isAwaited(this.#keysOf(target));
  }

  changing(asset: string): () => void {
    return this.#settings.pending.begin(markKey(asset));
  }

  /** All steps of a request, in their order. `takeSteps` takes them, without a promise if no step has to wait. */
  *#steps<T>(visit: Visit<T>): Steps<Outcome<T>> {
    const { keys, task } = visit;
    for (;;) {
      // Look up.
      const reading = visit.from ?? this.#lookUp.read(keys, visit.matches);
      let found = reading instanceof Promise ? yield* settled(reading) : reading;
      // An asset without a mark has no valid records, so a run follows. The result of the run needs a stamp.
      if (found.stamp === undefined && visit.from === undefined && task !== undefined) {
        found = yield* settled(this.#lookUp.readUnderMarks(keys, visit.matches));
      }
      // Decide.
      const decision = visit.from === undefined ? this.#decide(visit, found) : runDecision;
      visit.from = undefined;
      // Hold a failure, or serve a cached derivative.
      if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
      if (decision.kind === 'serve') {
        const opening = this.#serving.serve(visit, decision);
        const cached = opening instanceof Promise ? yield* settled(opening) : opening;
        if (cached?.state === 'refreshed') void this.#refresh(visit, found);
        if (cached !== undefined) return cached;
        continue; // The bytes of the variant were evicted. The next look-up ignores this variant.
      }
      if (task === undefined) return left;
      // Otherwise run once. If a run is in progress, join that run.
      visit.patience ??= { endsAt: this.#settings.clock() + this.#settings.maxPendingMs };
      const { patience } = visit;
      let result: RunResult<T>;
      const stamp = visit.rounds < maxRounds ? found.stamp : undefined;
      const key = stamp === undefined ? undefined : runKey(visit, found, this.#settings);
      const joined = this.#runs.join(key);
      if (joined === 'full') return busyOutcome(this.#settings.random());
      if (joined !== undefined) {
        const sharedResult = (yield* settled(joined)) as RunResult<T>;
        const isAwaited = this.#isAwaited(keys) && this.#settings.clock() < patience.endsAt;
        result = joinedResult(sharedResult, task, visit, { found, isAwaited });
      } else {
        const sharedRun = this.#runs.open(key, keys, found);
        try {
          // If not, begin a run: look up again, and decide again.
          const startedAt = this.#settings.clock();
          const rereading = this.#lookUp.readAgain(keys, found);
          const latest = rereading instanceof Promise ? yield* settled(rereading) : rereading;
          const context = this.#contextOf(visit, latest, { stamp, startedAt, patience });
          const resultWithoutRun = decideAgain(context, this.#settings.clock());
          // Run, and record the result.
          if (resultWithoutRun !== undefined) result = resultWithoutRun;
          else {
            const attempt = new RunAttempt(context, this.#owner);
            const running = run(task.work, attempt, this.#settings.timeoutMs);
            const end = running instanceof Promise ? yield* settled(running) : running;
            const recording = recordRun(end, { task, context, attempt }, this.#recording);
            result = recording instanceof Promise ? yield* settled(recording) : recording;
          }
          this.#runs.end(sharedRun, result);
        } catch (error) {
          this.#runs.fail(sharedRun, error);
          throw error;
        }
      }
      // End with the result, or with a stale derivative instead of a failure. Otherwise start again.
      if (result.kind === 'failed') {
        const stale = this.#serving.staleIfError(visit, found, result);
        return (stale instanceof Promise ? yield* settled(stale) : stale) ?? result;
      }
      if (result.kind === 'unusable') continue;
      if (result.kind !== 'changed' && result.kind !== 'abandoned') return result;
      if (task.hasLeft?.() === true) return left;
      if (joined === undefined) visit.rounds += 1;
      visit.sharing = '';
    }
  }

  #decide<T>(visit: Visit<T>, found: Found): Decision {
    const { keys, task } = visit;
    const decision = decide(found, this.#settings.clock(), {
      // While the store cannot be reached, uploads to other processes are unknown: hold nothing after its window.
      isProbed: (failure) => found.reachable && this.#runs.isProbed(keys, failure),
      isAwaited: this.#isAwaited(keys),
      variant: found.cached === undefined ? undefined : this.#serving.select(visit, found.cached),
    });
    // A recall runs nothing, so a recall cannot refresh a stale derivative. The stale derivative counts as not found.
    const isStale = decision.kind === 'serve' && decision.state === 'refreshed';
    return isStale && task === undefined ? runDecision : decision;
  }

  #contextOf<T>(visit: Visit<T>, found: Found, start: AttemptStart): AttemptContext {
    const stale = found.cached === undefined ? undefined : this.#serving.select(visit, found.cached);
    const forgottenBefore = this.#recording.forgotten.count();
    return { keys: visit.keys, found, stale, isArriving: this.#isAwaited(visit.keys), forgottenBefore, ...start };
  }

  /** Makes a stale derivative again. The response does not wait for this. Errors go to `onError`. */
  async #refresh<T>({ keys, matches, evicted, task }: Visit<T>, from: Found): Promise<void> {
    if (task === undefined) return;
    const refreshTask = { ...task, take: () => true, hasLeft: () => true };
    try {
      const visit: Visit<T> = { ...newVisit, matches, evicted, keys, task: refreshTask, from };
      const ended = await takeSteps(this.#steps(visit));
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

  #isAwaited(keys: TargetKeys): boolean {
    return this.#settings.pending.assets.size > 0 && this.#settings.pending.has(keys.marks);
  }
}
