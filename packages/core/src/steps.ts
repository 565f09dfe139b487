/**
 * A function that yields each promise for which it waits. It is a generator and not an async function, so that it can
 * return without a promise when it waits for nothing. Most requests wait for nothing, because the store is in this
 * process and the values are in memory.
 */
export type Steps<R> = Generator<Promise<unknown>, R, unknown>;

/** Runs all steps. @returns the result, or a promise of it if a step has to wait */
export function takeSteps<R>(steps: Steps<R>): R | Promise<R> {
  const first = steps.next();
  return first.done === true ? first.value : takeRest(steps, first.value);
}

async function takeRest<R>(steps: Steps<R>, first: Promise<unknown>): Promise<R> {
  let promise = first;
  for (;;) {
    let step: IteratorResult<Promise<unknown>, R>;
    try {
      const value = await promise;
      step = steps.next(value);
    } catch (error) {
      step = steps.throw(error);
    }
    if (step.done === true) return step.value;
    promise = step.value;
  }
}

/**
 * `yield* settled(promise)` is the `await` of a function in steps: it gives the value of the promise, or throws its
 * error.
 */
export function* settled<V>(promise: Promise<V>): Steps<V> {
  return (yield promise) as V;
}
