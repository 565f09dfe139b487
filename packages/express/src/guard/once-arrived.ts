import type { ServerResponse } from 'node:http';
import { type Attempt, abandoned, type MayWait } from '@safelight/core';

/**
 * Work that does not start while the original is being uploaded. The request looks again when the upload has ended, and
 * starts the work when its waiting time is over. When its client disconnects meanwhile, the requests that wait for the
 * same run continue without it.
 */
export function onceArrived<T>(
  attempt: Attempt,
  res: ServerResponse,
  work: (attempt: Attempt) => MayWait<T | typeof abandoned>,
): MayWait<T | typeof abandoned> {
  const arrives = attempt.changeEnds();
  return arrives === undefined ? work(attempt) : arrivedOrLeft(arrives, res);
}

function arrivedOrLeft(arrives: Promise<void>, res: ServerResponse): Promise<typeof abandoned> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('close', done);
      resolve(abandoned);
    };
    res.on('close', done);
    arrives.then(done);
  });
}
