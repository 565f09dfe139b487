import { decide } from './decide.ts';
import { createLookUp, type Found } from './lookup.ts';
import { checkedOptions, type GuardOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { createRecorder } from './record.ts';
import { createRenewal } from './renew.ts';
import { createRunOnce, heldOutcome, type Work } from './run-once.ts';
import { createKeyMemo, type Target, type TargetKeys } from './target.ts';

export interface GuardRequest<T> extends Work<T> {
  readonly target: Target;
  /** For work that is done on the asker's own connection: whether the asker has left. */
  readonly hasLeft?: () => boolean;
}

export interface Guard {
  /**
   * Answers from what is remembered, or runs the work once for everybody who asks.
   * @throws what the store throws, if it has no island to stand in for it
   */
  handle<T>(request: GuardRequest<T>): Promise<Outcome<T>>;
  /** What is held of a target right now; `undefined` when a request would run. Writes nothing. */
  held(target: Target): Promise<Extract<Outcome<never>, { kind: 'failed' }> | undefined>;
  /** Everything that is remembered of a target, held or not. Writes nothing. */
  inspect(target: Target): Promise<Found>;
  /**
   * Says that an asset's original is another one now, or gone. When this resolves, no failure that was found before is
   * ever served again, by any process that shares the store.
   * @throws {TransformError} `store_unavailable`, retryable, when that could not be written; it goes on being tried
   */
  changed(asset: string): Promise<void>;
}

/** How often a request looks again because the asset changed under it, or whoever ran for it left; then it runs alone. */
const MOST_ROUNDS = 2;

/** The spine: look up, decide, run once, record. Each step is a room of its own. */
export function createGuard(options: GuardOptions): Guard {
  const settings = checkedOptions(options);
  const { clock, onOutcome } = settings;
  const keysOf = createKeyMemo();
  const lookUp = createLookUp(settings);
  const recorder = createRecorder({ ...settings, lookUp });
  const { runOnce, isProbed } = createRunOnce({ ...settings, lookUp, recorder });

  async function handle<T>(request: GuardRequest<T>): Promise<Outcome<T>> {
    const keys = keysOf(request.target);
    for (let round = 0; ; round += 1) {
      const looked = lookUp.read(keys);
      let found = looked instanceof Promise ? await looked : looked;
      if (found.stamp === undefined) found = await lookUpMarked(keys);
      const decision = decideNow(keys, found);
      if (decision.kind === 'hold') return told(request.target, heldOutcome(decision, found.reachable));
      const landing = await runOnce(
        keys,
        round < MOST_ROUNDS ? found : { ...found, stamp: undefined, revision: undefined },
        request,
      );
      if (landing.kind !== 'moved' && landing.kind !== 'abandoned') return told(request.target, landing);
      if (request.hasLeft?.() === true) return told(request.target, { kind: 'left' });
    }
  }

  /** A look-up under marks: what a run finds must be stamped with what was read before it. */
  async function lookUpMarked(keys: TargetKeys): Promise<Found> {
    await lookUp.mint(keys);
    return lookUp.read(keys);
  }

  function decideNow(keys: TargetKeys, found: Found): ReturnType<typeof decide> {
    // Cut off, this process cannot tell whether its failure outlived an upload; nobody is given it past its window.
    return decide(found, clock(), (failure) => found.reachable && isProbed(keys, failure));
  }

  function told<O extends Outcome<unknown>>(target: Target, outcome: O): O {
    onOutcome?.({ target, outcome });
    return outcome;
  }

  return {
    handle,
    async held(target) {
      const keys = keysOf(target);
      const found = await lookUp.read(keys);
      const decision = decideNow(keys, found);
      return decision.kind === 'hold' ? told(target, heldOutcome(decision, found.reachable)) : undefined;
    },
    inspect: async (target) => lookUp.read(keysOf(target)),
    changed: createRenewal(settings),
  };
}
