import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attempt, abandoned, Guard, MayWait, Outcome, Target } from '@safelight/core';
import { hasResponded, type Next, type RequestHandler } from '@safelight/http';
import type { FailureWriter } from './failure-writer.ts';
import { onceArrived } from './once-arrived.ts';
import { type HandlerCall, HandlerRun, type Passed } from './run-handler.ts';
import { watchersOf } from './watch-response.ts';

/** A handler with the functions that run it and that respond in its place. */
export interface GuardedHandler<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly guard: Guard;
  readonly callOf: (target: Target, req: Req, res: Res, next: Next) => HandlerCall<Req, Res>;
  readonly fail: FailureWriter;
}

/** Responds to one request for a target. */
export type GuardedResponder<Req, Res> = (target: Target, req: Req, res: Res, next: Next) => void | Promise<void>;

/**
 * Runs a handler on the client's own request and response. A success is sent unchanged. A failure is withheld from the
 * client, and the guard sends its own response.
 */
export function guardInPlace<Req extends IncomingMessage, Res extends ServerResponse>({
  guard,
  callOf,
  fail,
}: GuardedHandler<Req, Res>): GuardedResponder<Req, Res> {
  return function respondInPlace(target, req, res, next) {
    if (req.method === 'HEAD') return respondToHead(target, req, res, next);
    const call = callOf(target, req, res, next);
    let handlerRun: HandlerRun<Req, Res> | undefined;

    function run(attempt: Attempt): MayWait<Passed | typeof abandoned> {
      handlerRun = new HandlerRun(call, attempt);
      return handlerRun.end();
    }

    function finish(outcome: Outcome<Passed>): void {
      if (outcome.kind === 'made' || outcome.kind === 'cached') return;
      const watched = handlerRun?.watched;
      if (outcome.kind !== 'left') {
        fail(outcome, target, { req, res, watched });
        return;
      }
      if (handlerRun === undefined || watched === undefined || handlerRun.hasLeft) return;
      // The asset changed during the run, so the failure may be wrong by now and no cache may store it.
      const notHeld = { failure: undefined, source: 'run', remainingMs: 0, storable: false } as const;
      fail({ kind: 'failed', fault: handlerRun.fault, ...notHeld }, target, { req, res, watched });
    }

    /** A fault of the guard must not fail the request, so the handler responds as it would without the guard. */
    function failed(error: unknown): void | Promise<void> {
      return handlerRun?.watched === undefined ? unguarded(call.handler, req, res, next) : next(error);
    }

    try {
      const outcome = guard.handle({
        target,
        work: (attempt) => (attempt.isArriving ? onceArrived(attempt, res, run) : run(attempt)),
        take: never,
        checksSuccess: false,
        isSuccess: (passed) => passed === 'success',
        // A handler never runs twice for one request, because the first run may still write to the one response.
        hasLeft: () => handlerRun?.watched !== undefined || hasResponded(res),
      });
      return outcome instanceof Promise ? outcome.then(finish, failed) : finish(outcome);
    } catch (error) {
      return failed(error);
    }
  };

  /** A HEAD gets held failures. Its own failures are not held, because many handlers refuse HEAD but serve GET. */
  async function respondToHead(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    const outcome = await Promise.resolve(guard.recall({ target })).catch(() => undefined);
    if (outcome?.kind !== 'failed') return unguarded(callOf(target, req, res, next).handler, req, res, next);
    fail(outcome, target, { req, res });
  }
}

/**
 * Whether a request is already part of a run of this guard for this target. It must not wait for that run, because the
 * run waits for it.
 */
export function isWithinRun(res: ServerResponse, guard: Guard, target: Target): boolean {
  return watchersOf(res).some((watcher) => watcher instanceof HandlerRun && watcher.makes(guard, target));
}

/** Runs the handler without the guard. A rejection reaches `next`, which Express 4 does not do by itself. */
export async function unguarded<Req extends IncomingMessage, Res extends ServerResponse>(
  handler: RequestHandler<Req, Res>,
  req: Req,
  res: Res,
  next: Next,
): Promise<void> {
  try {
    await handler(req, res, next);
  } catch (error) {
    next(error);
  }
}

function never(): boolean {
  return false;
}
