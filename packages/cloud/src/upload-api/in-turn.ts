/** Runs the tasks of one name one after the other, in the order of the calls. */
export type InTurn = <T>(name: string, task: () => Promise<T>) => Promise<T>;

/** Creates a queue for each name. A task that fails does not affect the next one. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async function inTurn(name, task) {
    const turn = (last.get(name) ?? Promise.resolve()).then(task, task);
    last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (last.get(name) === turn) last.delete(name);
    }
  };
}
