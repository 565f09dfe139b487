import type { CachedVariant } from './cached-record.ts';
import { FaultError, faultOfError, timedOut } from './classify.ts';
import type { Fault } from './failure.ts';
import type { RunClients } from './run-clients.ts';

/** One run, as the work sees it. */
export interface Attempt {
  /** The marks that were read before the run; `undefined` when the result of the run cannot be recorded. */
  readonly stamp: string | undefined;
  /** The stale variant, if there is one. The handler may validate this variant instead of making a new derivative. */
  readonly stale: CachedVariant | undefined;
  /** Whether the original was being uploaded when the run began. */
  readonly isArriving: boolean;
  /** The clients that wait for this run; `undefined` when the request that began it names no client. */
  readonly clients: RunClients | undefined;
  /** Aborts when the run takes longer than the timeout. */
  readonly signal: AbortSignal;
  /**
   * Finds the original. Derivations that need the original at the same time share one call of `find`. If `find` throws
   * `missing_original`, this failure is held for all derivations.
   *
   * @throws {TransformError} the failure of `find`, or the held failure of an earlier call
   */
  findOriginal<O>(find: () => Promise<O>): Promise<O>;
  /**
   * Records a fault that appears after the end of the run, such as a response body that breaks off. Never rejects,
   * because no request waits for the promise.
   */
  recordLate(fault: Fault): Promise<void>;
  /**
   * Resolves when the uploads of the original have ended, in all processes, or when the request has waited for `maxPendingMs`. `undefined`
   * when no upload is in progress, or when the request has already waited for `maxPendingMs`.
   */
  changeEnds(): Promise<void> | undefined;
}

/**
 * The work returns or throws this value to end a run without a result, for example because the client of the run has
 * left. If other requests wait for the run, one of these requests starts a new run.
 */
export const abandoned: unique symbol = Symbol('abandoned');

/** How a run has ended. `tookMs`: the duration of the run in milliseconds. */
export type RunEnd<T> =
  | { readonly kind: 'made'; readonly value: T; readonly tookMs: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly error: unknown }
  | { readonly kind: 'abandoned' };

/** Implements the functions of `Attempt`, for all attempts of one guard. `context` says which attempt calls. */
export interface AttemptOwner<Context> {
  findOriginal<O>(context: Context, find: () => Promise<O>): Promise<O>;
  recordLate(context: Context, fault: Fault): Promise<void>;
  changeEnds(context: Context): Promise<void> | undefined;
}

type PublicContext = Pick<Attempt, 'stamp' | 'stale' | 'isArriving' | 'clients'>;

/**
 * The attempt that the guard passes to the work. The signal is created at the first use: most handlers do not use the
 * signal, and its creation costs more time than the rest of an attempt.
 */
export class RunAttempt<Context extends PublicContext> implements Attempt {
  readonly stamp: string | undefined;
  readonly stale: CachedVariant | undefined;
  readonly isArriving: boolean;
  readonly clients: RunClients | undefined;
  readonly #context: Context;
  readonly #owner: AttemptOwner<Context>;
  #controller: AbortController | undefined;

  constructor(context: Context, owner: AttemptOwner<Context>) {
    this.stamp = context.stamp;
    this.stale = context.stale;
    this.isArriving = context.isArriving;
    this.clients = context.clients;
    this.#context = context;
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
    return this.#owner.findOriginal(this.#context, find);
  }

  recordLate(fault: Fault): Promise<void> {
    return this.#owner.recordLate(this.#context, fault);
  }

  changeEnds(): Promise<void> | undefined {
    return this.#owner.changeEnds(this.#context);
  }
}

/** A value, or a promise of the value. */
export type MayWait<T> = T | Promise<T>;

/**
 * Runs the work once, with a timeout in milliseconds. When the work returns a value and not a promise, there is no
 * timer and no promise. Never throws or rejects.
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
    return runError(error);
  }
  if (!(working instanceof Promise)) return runEnd(working, startedAt);
  const pendingWork = working;
  return new Promise((resolve) => {
    let hasEnded = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (ended: RunEnd<T>) => {
      hasEnded = true;
      clearTimeout(timer);
      resolve(ended);
    };
    const onTimeout = () => {
      const error = new Error(`The run took longer than ${timeoutMs} ms.`);
      attempt.abort(error);
      resolve({ kind: 'fault', fault: timedOut, error });
    };
    pendingWork.then(
      (value) => end(runEnd(value, startedAt)),
      (error: unknown) => end(runError(error)),
    );
    // Most work only looks something up, and ends in this tick. Such work needs no timer.
    queueMicrotask(() => {
      if (!hasEnded) timer = setTimeout(onTimeout, timeoutMs);
    });
  });
}

function runEnd<T>(value: T | typeof abandoned, startedAt: number): RunEnd<T> {
  if (value === abandoned) return { kind: 'abandoned' };
  return { kind: 'made', value: value as T, tookMs: performance.now() - startedAt };
}

function runError(error: unknown): Exclude<RunEnd<never>, { kind: 'made' }> {
  if (error === abandoned) return { kind: 'abandoned' };
  const cause = error instanceof FaultError ? (error.cause ?? error) : error;
  return { kind: 'fault', fault: faultOfError(error), error: cause };
}

/**
 * Runs the work once, with a timeout in milliseconds. The run is not shared, and the result is not recorded. Never
 * rejects.
 *
 * @example
 * await runUnshared(async () => 'a picture', 30_000); // { kind: 'made', value: 'a picture', tookMs: 0.1 }
 * const end = await runUnshared(() => Promise.reject(missingOriginal('cat')), 30_000);
 * if (end.kind === 'fault') end.fault.code; // 'missing_original'
 */
export async function runUnshared<T>(work: (attempt: Attempt) => MayWait<T>, timeoutMs: number): Promise<RunEnd<T>> {
  return run(work, new RunAttempt(unsharedContext, unsharedOwner), timeoutMs);
}

const unsharedContext: PublicContext = {
  stamp: undefined,
  stale: undefined,
  isArriving: false,
  clients: undefined,
};

const unsharedOwner: AttemptOwner<unknown> = {
  findOriginal: (_context, find) => find(),
  recordLate: async () => {},
  changeEnds: () => undefined,
};

/**
 * Whether a value is a promise of this realm, of another realm, or of a promise library.
 *
 * @example
 * isThenable(Promise.resolve()); // true
 * isThenable(undefined); // false
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
