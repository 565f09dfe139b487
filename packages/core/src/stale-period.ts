/**
 * Until when the result of a run may be used while the store cannot be reached, in epoch milliseconds. Time is divided
 * into periods of `maxStaleMs`. The results of all runs that began in one period expire at the end of the period. So a
 * request that joins a run, or finds the recorded failure, never uses a result that is older than `maxStaleMs`.
 */
export function staleEndsAt(startedAt: number, maxStaleMs: number): number {
  return (Math.floor(startedAt / maxStaleMs) + 1) * maxStaleMs;
}
