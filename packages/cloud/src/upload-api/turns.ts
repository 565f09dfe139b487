import type { AssetId } from '@safelight/core';

/** Runs what concerns one asset one after the other, in this process; other assets are not waited for. */
export type InTurn = <T>(asset: AssetId, task: () => Promise<T>) => Promise<T>;

export function createTurns(): InTurn {
  const tails = new Map<string, Promise<unknown>>();
  return async function inTurn({ resourceType, publicId }, task) {
    const key = `${resourceType}/${publicId}`;
    const turn = (tails.get(key) ?? Promise.resolve()).then(task);
    const tail = turn.catch(() => undefined);
    tails.set(key, tail);
    try {
      return await turn;
    } finally {
      if (tails.get(key) === tail) tails.delete(key);
    }
  };
}
