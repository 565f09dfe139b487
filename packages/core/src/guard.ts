import { type Decision, decide, variantInsteadOf } from './decide.ts';
import type { GuardOptions } from './guard-options.ts';
import type { KeptRecord, KeptVariant } from './kept-record.ts';
import { createLookUp, type Found } from './lookup.ts';
import { checkedOptions } from './options.ts';
import { heldOutcome, type Outcome } from './outcome.ts';
import { createRecorder } from './record.ts';
import { createRenewal } from './renew.ts';
import { createRunOnce, type Work } from './run-once.ts';
import { createKeyMemo, markKey, type Target, type TargetKeys } from './target.ts';

export interface Recall {
  readonly target: Target;
  /** Which of the kept variants suits this request. @default the newest */
  readonly select?: (variants: KeptRecord['variants']) => KeptVariant | undefined;
}

export interface GuardRequest<T> extends Recall, Work<T> {
  /** For work that is done on the asker's own connection: whether the asker has left. */
  readonly hasLeft?: () => boolean;
  /** Told of a value that was made behind an answer: nobody will take it. */
  readonly unclaimed?: (value: T) => void;
}

export type Remembered = Extract<Outcome<never>, { kind: 'kept' } | { kind: 'failed' }>;

export interface Guard {
  /**
   * Answers from what is remembered, or runs the work once for everybody who asks. At once, without a promise, when
   * what is remembered is at hand.
   * @throws what the store throws, if it has no island to stand in for it
   */
  handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>>;
  /** What `handle` would answer without running anything; `undefined` when it would run. Writes nothing. */
  recall(request: Recall): Remembered | undefined | Promise<Remembered | undefined>;
  /** Whether the store is this process's own, so that `recall` mostly answers at once. */
  readonly isLocal: boolean;
  /** Everything that is remembered of a target, held or not. Writes nothing. */
  inspect(target: Target): Promise<Found>;
  /** Whether the original of a target is arriving in this process right now. */
  isArriving(target: Target): boolean;
  /**
   * Says that an asset's original is another one now, or gone. When this resolves, no failure that was found before is
   * ever served again, by any process that shares the store.
   * @throws {TransformError} `store_unavailable`, retryable, when that could not be written; it goes on being tried
   */
  changed(asset: string): Promise<void>;
  /**
   * Says that an original is arriving. Until it is over, whoever misses it waits, and nothing of that is remembered.
   * @returns what says that it is over: to be called after `changed`, or when nothing has come of it
   */
  changing(asset: string): () => void;
}

/** How often a request looks again because the asset changed under it, or whoever ran for it left; then it runs alone. */
const MOST_ROUNDS = 2;

/** The spine: look up, decide, run once, record. Each step is a room of its own. */
export function createGuard(options: GuardOptions): Guard {
  const settings = checkedOptions(options);
  const { clock, derivatives, pending, onOutcome, onError } = settings;
  const keysOf = createKeyMemo();
  const lookUp = createLookUp(settings);
  const recorder = createRecorder({ ...settings, lookUp });
  const { runOnce, isProbed } = createRunOnce({ ...settings, lookUp, recorder });

  function handle<T>(request: GuardRequest<T>): Outcome<T> | Promise<Outcome<T>> {
    const keys = keysOf(request.target);
    const gone = new Set<string>();
    const looked = lookUp.read(keys);
    if (looked instanceof Promise) {
      return looked.then((found) => handleFrom(request, keys, found, remembered(request, keys, found, gone), gone));
    }
    const known = remembered(request, keys, looked, gone);
    if (known === undefined || known instanceof Promise) return handleFrom(request, keys, looked, known, gone);
    return answered(request, keys, looked, known);
  }

  async function handleFrom<T>(
    request: GuardRequest<T>,
    keys: TargetKeys,
    looked: Found,
    remembering: ReturnType<typeof remembered>,
    gone: Set<string>,
  ): Promise<Outcome<T>> {
    const suitable =
      keys.kept === undefined
        ? request
        : { ...request, select: (variants: KeptRecord['variants']) => select(request, variants, gone) };
    const patience = pending.patience();
    let found = looked;
    // Nothing is awaited that is there already: between the decision and the run nobody else may decide.
    let known = remembering instanceof Promise ? await remembering : remembering;
    for (let round = 0; ; round += 1) {
      if (known === undefined && found.stamp === undefined) {
        found = await lookUpMarked(keys);
        const again = remembered(suitable, keys, found, gone);
        known = again instanceof Promise ? await again : again;
      }
      if (known !== undefined) return answered(request, keys, found, known);
      const under = round < MOST_ROUNDS ? found : { ...found, stamp: undefined, revision: undefined };
      const landing = await runOnce(keys, under, suitable, patience);
      if (landing.kind !== 'moved' && landing.kind !== 'abandoned') {
        const standIn = landing.kind === 'failed' ? await insteadOf(landing, suitable, found) : undefined;
        return told(request.target, standIn ?? landing);
      }
      if (request.hasLeft?.() === true) return told(request.target, { kind: 'left' });
      found = await lookUp.read(keys);
      const again = remembered(suitable, keys, found, gone);
      known = again instanceof Promise ? await again : again;
    }
  }

  /** A look-up under marks: what a run finds must be stamped with what was read before it. */
  async function lookUpMarked(keys: TargetKeys): Promise<Found> {
    await lookUp.mint(keys);
    return lookUp.read(keys);
  }

  /** What can be answered without a run. */
  function remembered(
    request: Recall,
    keys: TargetKeys,
    found: Found,
    gone: Set<string>,
  ): Remembered | undefined | Promise<Remembered | undefined> {
    const decision = decide(found, clock(), {
      // Cut off, this process cannot tell whether its failure outlived an upload; nobody is given it past its window.
      isProbed: (failure) => found.reachable && isProbed(keys, failure),
      isAwaited: pending.has(keys.marks),
      variant: found.kept === undefined ? undefined : select(request, found.kept.variants, gone),
    });
    if (decision.kind === 'run') return undefined;
    if (decision.kind === 'hold') return heldOutcome(decision, found.reachable);
    return opened(decision, () => remembered(request, keys, found, gone.add(decision.variant.name)));
  }

  /** Opens what is to be served; `without` is asked when it has been evicted. */
  function opened(
    { variant, state }: Extract<Decision, { kind: 'serve' }>,
    without: () => Remembered | undefined | Promise<Remembered | undefined>,
  ): Remembered | undefined | Promise<Remembered | undefined> {
    const kept = derivatives?.open(variant.name);
    if (!(kept instanceof Promise)) return kept === undefined ? without() : { kind: 'kept', kept, variant, state };
    return kept.then((late) => (late === undefined ? without() : { kind: 'kept', kept: late, variant, state }));
  }

  /** A stale derivative in place of a run that has failed just now, where it may stand in for it. */
  async function insteadOf({ fault }: Failed, request: Recall, found: Found): Promise<Remembered | undefined> {
    const kept = found.kept === undefined ? undefined : request.select?.(found.kept.variants);
    const variant = variantInsteadOf(fault, kept, clock());
    return variant === undefined ? undefined : opened({ kind: 'serve', variant, state: 'failed' }, () => undefined);
  }

  function answered<T>(request: GuardRequest<T>, keys: TargetKeys, found: Found, known: Remembered): Outcome<T> {
    if (needsRefresh(known)) refresh(request, keys, found).catch(onError);
    return told(request.target, known);
  }

  async function refresh<T>(request: GuardRequest<T>, keys: TargetKeys, found: Found): Promise<void> {
    const landing = await runOnce(keys, found, request, pending.patience());
    if (landing.kind === 'made' && !landing.joined) request.unclaimed?.(landing.value);
  }

  function told<O extends Outcome<unknown>>(target: Target, outcome: O): O {
    onOutcome?.({ target, outcome });
    return outcome;
  }

  return {
    handle,
    isLocal: options.island === undefined,
    recall(request) {
      const keys = keysOf(request.target);
      const recalled = (known: Remembered | undefined) => {
        if (known === undefined) return undefined;
        if (!needsRefresh(known)) return told(request.target, known);
        known.kept.release();
        return undefined;
      };
      const recall = (found: Found) => {
        const known = remembered(request, keys, found, new Set());
        return known instanceof Promise ? known.then(recalled) : recalled(known);
      };
      const found = lookUp.read(keys);
      return found instanceof Promise ? found.then(recall) : recall(found);
    },
    inspect: async (target) => lookUp.read(keysOf(target)),
    isArriving: (target) => pending.has(keysOf(target).marks),
    changed: createRenewal(settings),
    changing: (asset) => pending.begin(markKey(asset)),
  };
}

type Kept = Extract<Outcome<never>, { kind: 'kept' }>;
type Failed = Extract<Outcome<never>, { kind: 'failed' }>;

function needsRefresh(known: Remembered): known is Kept {
  return known.kind === 'kept' && known.state === 'refreshed';
}

/** The variant that suits, of those whose bytes have not turned out to be gone. */
function select(request: Recall, variants: KeptRecord['variants'], gone: ReadonlySet<string>): KeptVariant | undefined {
  const there = gone.size === 0 ? variants : variants.filter(({ name }) => !gone.has(name));
  return request.select === undefined ? there[0] : request.select(there);
}
