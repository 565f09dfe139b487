import type { ServerResponse } from 'node:http';
import { type Attempt, abandoned, type MayWait } from '@safelight/core';

/**
 * Starts the work if no upload of the original is pending. Otherwise resolves with `abandoned` when the upload ends,
 * when the request has waited for `maxPendingMs`, or when the client disconnects. Then the guard decides again. Other
 * requests that wait for the same run continue without this client.
 */
export function onceArrived<T>(
  attempt: Attempt,
  res: ServerResponse,
  work: (attempt: Attempt) => MayWait<T | typeof abandoned>,
): MayWait<T | typeof abandoned> {
  const arrival = attempt.changeEnds();
  return arrival === undefined ? work(attempt) : arrivedOrLeft(arrival, res);
}

function arrivedOrLeft(arrival: Promise<void>, res: ServerResponse): Promise<typeof abandoned> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('close', done);
      resolve(abandoned);
    };
    res.on('close', done);
    arrival.then(done);
  });
}
