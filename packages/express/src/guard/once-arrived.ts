import type { ServerResponse } from 'node:http';
import { type Attempt, abandoned, type MayWait } from '@safelight/core';

/**
 * Work that does not begin while the original is being uploaded: the request looks again when the upload has ended, and
 * does the work when it has waited for long enough. A client that leaves meanwhile lets those that wait with it go on by
 * themselves.
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
