/**
 * A function in steps: it yields the promises that it waits for. Written as a generator instead of an async function, it
 * returns without a promise when it has nothing to wait for. That is what most requests are: the store lives in this
 * process, and what is known is already in memory.
 */
export type Steps<R> = Generator<Promise<unknown>, R, unknown>;

/**
 * Takes all steps.
 *
 * @returns the result, or a promise of it as soon as one step has to wait
 */
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

/** One step that waits: `yield* settled(promise)` gives what the promise gives, or throws what it rejects with. */
export function* settled<V>(promise: Promise<V>): Steps<V> {
  return (yield promise) as V;
}
