/** Runs the tasks that share a name one after the other, in the order of the calls. */
export type InTurn = <T>(names: readonly string[], task: () => Promise<T>) => Promise<T>;

/**
 * Creates turns for the tasks of this process. A task waits for the earlier tasks of all its names. A task that fails does not
 * affect the next one.
 *
 * @example
 * const inTurn = createInTurn();
 * await Promise.all([inTurn(['cat'], async () => 1), inTurn(['cat', 'dog'], async () => 2)]); // the second task waits
 */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async function inTurn(names, task) {
    const turn = Promise.allSettled(names.map((name) => last.get(name))).then(task);
    for (const name of names) last.set(name, turn);
    try {
      return await turn;
    } finally {
      for (const name of names) if (last.get(name) === turn) last.delete(name);
    }
  };
}
