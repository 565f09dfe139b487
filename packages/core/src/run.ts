import type { CachedVariant } from './cached-record.ts';
import { faultOfError, timedOut } from './classify.ts';
import type { Fault } from './failure.ts';

/** What a run is given. */
export interface Attempt {
  /** The generation under which it runs; `undefined` when nothing can be recorded. */
  readonly stamp: string | undefined;
  /** The stored variant, when it is not fresh any more: the handler may confirm it instead of making it again. */
  readonly stale: CachedVariant | undefined;
  /** Whether the original was being uploaded when the run began. */
  readonly isArriving: boolean;
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
  /**
   * Looks for the original: once for all derivations that miss it, and remembered for all of them when it is not there.
   *
   * @throws {TransformError} what `find` threw, or what is held of an earlier search
   */
  findOriginal<O>(find: () => Promise<O>): Promise<O>;
  /**
   * For a fault that shows only after the run has succeeded, such as a body that breaks off. Never rejects: there is no
   * request left that could hear of it.
   */
  recordLate(fault: Fault): Promise<void>;
  /** Settles when the upload of the original has ended, or was waited for long enough; `undefined` when there is none. */
  changeEnds(): Promise<void> | undefined;
}

/** Ends a run that says nothing about the picture, e.g. because its client left. Others will run for themselves. */
export const abandoned: unique symbol = Symbol('abandoned');

export type RunEnd<T> =
  | { readonly kind: 'made'; readonly value: T; readonly tookMs: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly error: unknown }
  | { readonly kind: 'abandoned' };

/** What an attempt can do, given what it knows. One owner serves all attempts of a guard. */
export interface AttemptOwner<Facts> {
  findOriginal<O>(facts: Facts, find: () => Promise<O>): Promise<O>;
  recordLate(facts: Facts, fault: Fault): Promise<void>;
  changeEnds(facts: Facts): Promise<void> | undefined;
}

type PublicFacts = Pick<Attempt, 'stamp' | 'stale' | 'isArriving'>;

/** One run. It makes its signal on first use: most handlers never ask for it, and it costs more than all the rest. */
export class RunAttempt<Facts extends PublicFacts> implements Attempt {
  readonly stamp: string | undefined;
  readonly stale: CachedVariant | undefined;
  readonly isArriving: boolean;
  readonly #facts: Facts;
  readonly #owner: AttemptOwner<Facts>;
  #controller: AbortController | undefined;

  constructor(facts: Facts, owner: AttemptOwner<Facts>) {
    this.stamp = facts.stamp;
    this.stale = facts.stale;
    this.isArriving = facts.isArriving;
    this.#facts = facts;
    this.#owner = owner;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  findOriginal<O>(find: () => Promise<O>): Promise<O> {
    return this.#owner.findOriginal(this.#facts, find);
  }

  recordLate(fault: Fault): Promise<void> {
    return this.#owner.recordLate(this.#facts, fault);
  }

  changeEnds(): Promise<void> | undefined {
    return this.#owner.changeEnds(this.#facts);
  }
}

/** Makes a value, or returns a promise of one. */
export type MayWait<T> = T | Promise<T>;

/**
 * One run of the work, under a timeout in milliseconds. It returns without a promise, and without a timer, when the work
 * ends at once. Never throws or rejects.
 */
export function run<T>(
  work: (attempt: Attempt) => MayWait<T | typeof abandoned>,
  attempt: Attempt & { abort(reason: Error): void },
  timeoutMs: number,
): MayWait<RunEnd<T>> {
  const startedAt = performance.now();
  let working: MayWait<T | typeof abandoned>;
  try {
    working = work(attempt);
  } catch (error) {
    return endWith(error);
  }
  if (!(working instanceof Promise)) return endOf(working, startedAt);
  const workingStill = working;
  return new Promise((resolve) => {
    let hasEnded = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (ended: RunEnd<T>) => {
      hasEnded = true;
      clearTimeout(timer);
      resolve(ended);
    };
    const tooLate = () => {
      const error = new Error(`The run took longer than ${timeoutMs} ms.`);
      attempt.abort(error);
      resolve({ kind: 'fault', fault: timedOut, error });
    };
    workingStill.then(
      (value) => end(endOf(value, startedAt)),
      (error: unknown) => end(endWith(error)),
    );
    // Work that ends in this tick, as most does that only looks something up, is spared the timer.
    queueMicrotask(() => {
      if (!hasEnded) timer = setTimeout(tooLate, timeoutMs);
    });
  });
}

function endOf<T>(value: T | typeof abandoned, startedAt: number): RunEnd<T> {
  if (value === abandoned) return { kind: 'abandoned' };
  return { kind: 'made', value: value as T, tookMs: performance.now() - startedAt };
}

function endWith(error: unknown): Exclude<RunEnd<never>, { kind: 'made' }> {
  return error === abandoned ? { kind: 'abandoned' } : { kind: 'fault', fault: faultOfError(error), error };
}

/** One run that shares nothing and leaves no record, under a timeout in milliseconds. Never rejects. */
export async function runUnshared<T>(work: (attempt: Attempt) => MayWait<T>, timeoutMs: number): Promise<RunEnd<T>> {
  return run(work, new RunAttempt(unsharedFacts, unsharedOwner), timeoutMs);
}

const unsharedFacts: PublicFacts = { stamp: undefined, stale: undefined, isArriving: false };

const unsharedOwner: AttemptOwner<unknown> = {
  findOriginal: (_facts, find) => find(),
  recordLate: async () => {},
  changeEnds: () => undefined,
};

/** Whether a value is a promise, of this realm or another library's. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
