import type { Attempt } from '@safelight/core';

/** An attempt that shares nothing and remembers nothing. */
export const alone: Omit<Attempt, 'signal'> = {
  stamp: undefined,
  stale: undefined,
  findOriginal: <O>(find: () => Promise<O>) => find(),
  recordLate: async () => {},
  changeEnds: () => undefined,
};
