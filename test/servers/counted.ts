import type { RequestHandler } from '@safelight/http';

/** Counts the runs of a handler. */
export function counted(handler: RequestHandler): RequestHandler & { runs: number } {
  const counting = Object.assign(
    ((req, res, next) => {
      counting.runs += 1;
      return handler(req, res, next);
    }) as RequestHandler,
    { runs: 0 },
  );
  return counting;
}
