import type { ServerResponse } from 'node:http';
import { type Attempt, abandoned } from '@safelight/core';

type Work<T> = (attempt: Attempt) => Promise<T | typeof abandoned>;

/**
 * Work that does not begin while the original is arriving: whoever asks looks again when it is there, and does the work when
 * he has waited for long enough. Who leaves meanwhile lets those who wait with him go on by themselves.
 */
export function onceArrived<T>(res: ServerResponse, work: Work<T>): Work<T> {
  return function workOnceArrived(attempt) {
    const arrives = attempt.changeEnds();
    return arrives === undefined ? work(attempt) : arrivedOrLeft(arrives, res);
  };
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
