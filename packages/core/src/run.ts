import { faultOfError, timedOut } from './classify.ts';
import type { Fault } from './failure.ts';
import type { KeptVariant } from './kept-record.ts';

/** What a run is given. */
export interface Attempt {
  /** The generation under which it runs; `undefined` when nothing can be recorded. */
  readonly stamp: string | undefined;
  /** What is kept, but no longer fresh: whoever made it may confirm it instead of making it anew. */
  readonly stale: KeptVariant | undefined;
  /** Aborts when the time is over. Made on first use: most handlers of one's own never ask for it. */
  readonly signal: AbortSignal;
  /**
   * Looks for the original: once for all derivations that miss it, and remembered for all of them when it is not there.
   * @throws {TransformError} what `find` threw, or what is held of an earlier search
   */
  findOriginal<O>(find: () => Promise<O>): Promise<O>;
  /** For a fault that shows only after the run has succeeded, such as a body that breaks off. */
  recordLate(fault: Fault): Promise<void>;
  /** Settles when the original that is arriving is there, or was waited for long enough; `undefined` when none is. */
  changeEnds(): Promise<void> | undefined;
}

/** Ends a run that says nothing about the picture, e.g. because its client left. Others will run for themselves. */
export const abandoned: unique symbol = Symbol('abandoned');

export type RunEnd<T> =
  | { readonly kind: 'made'; readonly value: T; readonly tookMs: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly error: unknown }
  | { readonly kind: 'abandoned' };

/** One run of the work, under a timeout. Never rejects. */
export function run<T>(
  work: (attempt: Attempt) => Promise<T | typeof abandoned>,
  about: Omit<Attempt, 'signal'>,
  timeoutMs: number,
): Promise<RunEnd<T>> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const attempt = new TimedAttempt(about);
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    const settle = () => {
      settled = true;
      clearTimeout(timer);
    };
    const tooLate = () => {
      const error = new Error(`The run took longer than ${timeoutMs} ms.`);
      attempt.abort(error);
      resolve({ kind: 'fault', fault: timedOut, error });
    };
    const failed = (error: unknown) => {
      settle();
      resolve(error === abandoned ? { kind: 'abandoned' } : { kind: 'fault', fault: faultOfError(error), error });
    };
    try {
      work(attempt).then((value) => {
        settle();
        if (value === abandoned) resolve({ kind: 'abandoned' });
        else resolve({ kind: 'made', value: value as T, tookMs: performance.now() - startedAt });
      }, failed);
    } catch (error) {
      failed(error);
    }
    // Work that is done at once, as most is that only looks, is spared the timer.
    queueMicrotask(() => {
      if (!settled) timer = setTimeout(tooLate, timeoutMs);
    });
  });
}

/** Makes its signal on first use, since most handlers of one's own never ask for it and it costs more than the rest. */
class TimedAttempt implements Attempt {
  readonly stamp: string | undefined;
  readonly stale: KeptVariant | undefined;
  readonly findOriginal: Attempt['findOriginal'];
  readonly recordLate: Attempt['recordLate'];
  readonly changeEnds: Attempt['changeEnds'];
  #controller: AbortController | undefined;

  constructor({ stamp, stale, findOriginal, recordLate, changeEnds }: Omit<Attempt, 'signal'>) {
    this.stamp = stamp;
    this.stale = stale;
    this.findOriginal = findOriginal;
    this.recordLate = recordLate;
    this.changeEnds = changeEnds;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}
