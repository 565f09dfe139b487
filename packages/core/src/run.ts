import { faultOfError, timedOut } from './classify.ts';
import type { Fault } from './failure.ts';

/** What a run is given. */
export interface Attempt {
  /** The generation under which it runs; `undefined` when nothing can be recorded. */
  readonly stamp: string | undefined;
  /** Aborts when the time is over. Made on first use: most handlers of one's own never ask for it. */
  readonly signal: AbortSignal;
  /**
   * Looks for the original: once for all derivations that miss it, and remembered for all of them when it is not there.
   * @throws {TransformError} what `find` threw, or what is held of an earlier search
   */
  findOriginal<O>(find: () => Promise<O>): Promise<O>;
  /** For a fault that shows only after the run has succeeded, such as a body that breaks off. */
  recordLate(fault: Fault): Promise<void>;
}

/** Ends a run that says nothing about the picture, e.g. because its client left. Others will run for themselves. */
export const abandoned: unique symbol = Symbol('abandoned');

export type RunEnd<T> =
  | { readonly kind: 'made'; readonly value: T; readonly tookMs: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly error: unknown }
  | { readonly kind: 'abandoned' };

/** One run of the work, under a timeout. Never rejects. */
export async function run<T>(
  work: (attempt: Attempt) => Promise<T | typeof abandoned>,
  about: Omit<Attempt, 'signal'>,
  timeoutMs: number,
): Promise<RunEnd<T>> {
  const startedAt = performance.now();
  let abort: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;
  const attempt: Attempt = {
    ...about,
    get signal() {
      abort ??= new AbortController();
      return abort.signal;
    },
  };
  try {
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, 'late');
    });
    const value = await Promise.race([work(attempt), late]);
    if (value === 'late') {
      const error = new Error(`The run took longer than ${timeoutMs} ms.`);
      abort?.abort(error);
      return { kind: 'fault', fault: timedOut, error };
    }
    if (value === abandoned) return { kind: 'abandoned' };
    return { kind: 'made', value: value as T, tookMs: performance.now() - startedAt };
  } catch (error) {
    if (error === abandoned) return { kind: 'abandoned' };
    return { kind: 'fault', fault: faultOfError(error), error };
  } finally {
    clearTimeout(timer);
  }
}
