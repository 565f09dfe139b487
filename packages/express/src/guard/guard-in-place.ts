import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attempt, abandoned, Failed, Guard, MayWait, Outcome, Target } from '@safelight/core';
import { hasResponded, matchesVariant, type Next, type RequestHandler } from '@safelight/http';
import type { FailureWriter } from './failure-writer.ts';
import type { HandlerCall } from './handler-call.ts';
import { onceArrived } from './once-arrived.ts';
import { HandlerRun, type Passed } from './run-handler.ts';
import { watchersOf } from './watch-response.ts';

/** A handler, with the guard that runs it, and with the function that responds instead of the handler. */
export interface GuardedHandler<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly guard: Guard;
  readonly callOf: (target: Target, req: Req, res: Res, next: Next) => HandlerCall<Req, Res>;
  readonly fail: FailureWriter;
  /** Whether only the application's error handlers can respond to a failure. */
  readonly needsNext: (outcome: Failed, req: IncomingMessage) => boolean;
}

/** Responds to one request for a target. */
export type GuardedResponder<Req, Res> = (target: Target, req: Req, res: Res, next: Next) => void | Promise<void>;

/**
 * Runs a handler on the client's own request and response. The client gets a success unchanged. Instead of a failure,
 * the client gets the response of the guard.
 */
export function guardInPlace<Req extends IncomingMessage, Res extends ServerResponse>({
  guard,
  callOf,
  fail,
}: GuardedHandler<Req, Res>): GuardedResponder<Req, Res> {
  return function respondInPlace(target, req, res, next) {
    const call = callOf(target, req, res, next);
    let handlerRun: HandlerRun<Req, Res> | undefined;

    function run(attempt: Attempt): MayWait<Passed | typeof abandoned> {
      handlerRun = new HandlerRun(call, attempt);
      return handlerRun.end();
    }

    function finish(outcome: Outcome<Passed>): MayWait<unknown> {
      if (outcome.kind === 'made' || outcome.kind === 'cached') return undefined;
      const watched = handlerRun?.watched;
      if (outcome.kind !== 'left') {
        return fail(outcome, target, { req, res, watched, run: handlerRun, next });
      }
      if (handlerRun === undefined || watched === undefined || handlerRun.hasLeft) return undefined;
      // The asset changed during the run, so the failure may be wrong now. No cache may store the response.
      const notHeld = { failure: undefined, source: 'run', remainingMs: 0, storable: false } as const;
      const exchange = { req, res, watched, run: handlerRun, next };
      return fail({ kind: 'failed', fault: handlerRun.fault, ...notHeld }, target, exchange);
    }

    /**
     * An error of the guard must not fail the request. The handler responds as without the guard, if it has not run and
     * the request has no response. Otherwise the error goes to the error handlers of the application.
     */
    function onGuardError(error: unknown): void | Promise<void> {
      if (handlerRun?.watched !== undefined) handlerRun.watched.forward();
      else if (!hasResponded(res)) return unguarded(call.handler, req, res, next);
      return next(error);
    }

    try {
      const outcome = guard.handle({
        target,
        matches: (vary) => matchesVariant(req.headers, vary),
        work: (attempt) => (attempt.isArriving ? onceArrived(attempt, res, run) : run(attempt)),
        take: takeNothing,
        checksSuccess: false,
        isSuccess: (passed) => passed === 'success',
        // A handler never runs twice for one request, because the first run may still write to the response.
        hasLeft: () => handlerRun?.watched !== undefined || hasResponded(res),
      });
      const finished = outcome instanceof Promise ? outcome.then(finish) : finish(outcome);
      return finished instanceof Promise ? finished.then(noResult, onGuardError) : undefined;
    } catch (error) {
      return onGuardError(error);
    }
  };
}

/**
 * Whether a request is already part of a run of this guard for this target. Such a request must not wait for the run,
 * because the run waits for the request.
 */
export function isWithinRun(res: ServerResponse, guard: Guard, target: Target): boolean {
  return watchersOf(res).some((watcher) => watcher instanceof HandlerRun && watcher.makes(guard, target));
}

/** Runs the handler without the guard. Passes a rejection to `next`, because Express 4 does not do this. */
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

/** The handler writes to the response of one client, so no other request can use the value of the run. */
function takeNothing(): boolean {
  return false;
}

function noResult(): void {}
