import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attempt, abandoned, Guard, MayWait, Outcome, Target } from '@safelight/core';
import { isAnswered, type Next, type RequestHandler } from '@safelight/http';
import type { FailureWriter } from './failure-writer.ts';
import { onceArrived } from './once-arrived.ts';
import { type HandlerCall, HandlerRun, type Passed } from './run-handler.ts';

/** A handler with what it takes to run it and to answer for it. */
export interface GuardedHandler<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly guard: Guard;
  readonly callOf: (target: Target, req: Req, res: Res, next: Next) => HandlerCall<Req, Res>;
  readonly fail: FailureWriter;
}

/** Answers one request. */
export type GuardedAnswer<Req, Res> = (target: Target, req: Req, res: Res, next: Next) => void | Promise<void>;

/**
 * Runs a handler on the response that it answers: nothing changes for it, and a success passes as it is. Only a failure
 * is kept from the client and answered here.
 */
export function guardInPlace<Req extends IncomingMessage, Res extends ServerResponse>({
  guard,
  callOf,
  fail,
}: GuardedHandler<Req, Res>): GuardedAnswer<Req, Res> {
  return function answerInPlace(target, req, res, next) {
    if (req.method === 'HEAD') return answerHead(target, req, res, next);
    const call = callOf(target, req, res, next);
    let handling: HandlerRun<Req, Res> | undefined;

    function run(attempt: Attempt): MayWait<Passed | typeof abandoned> {
      handling = new HandlerRun(call, attempt);
      return handling.end();
    }

    function finish(outcome: Outcome<Passed>): void {
      if (outcome.kind === 'made' || outcome.kind === 'kept') return;
      const watched = handling?.watched;
      if (outcome.kind !== 'left') {
        fail(outcome, target, { req, res, watched });
        return;
      }
      if (handling === undefined || watched === undefined || handling.hasLeft) return;
      // The asset changed during the run: what was found before may be wrong by now, so no cache may store it.
      const passing = { failure: undefined, source: 'run', remainingMs: 0, storable: false } as const;
      fail({ kind: 'failed', fault: handling.fault, ...passing }, target, { req, res, watched });
    }

    /** The guard is not a new way to fail: without it the handler would have answered. */
    function failed(error: unknown): void | Promise<void> {
      return handling?.watched === undefined ? unguarded(call.handler, req, res, next) : next(error);
    }

    try {
      const outcome = guard.handle({
        target,
        work: (attempt) => (attempt.isArriving ? onceArrived(attempt, res, run) : run(attempt)),
        take: never,
        checksSuccess: false,
        isSuccess: (passed) => passed === 'success',
        // A handler has one response to write to, and may go on writing: it never runs twice for one request.
        hasLeft: () => handling?.watched !== undefined || isAnswered(res),
      });
      return outcome instanceof Promise ? outcome.then(finish, failed) : finish(outcome);
    } catch (error) {
      return failed(error);
    }
  };

  /** A HEAD tells what is held, but its own response says nothing of what a GET would get: many handlers refuse it. */
  async function answerHead(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    const outcome = await Promise.resolve(guard.recall({ target })).catch(() => undefined);
    if (outcome?.kind !== 'failed') return unguarded(callOf(target, req, res, next).handler, req, res, next);
    fail(outcome, target, { req, res });
  }
}

/** As it would be without the guard, but for Express 4, which does not hand on what a promise rejects with. */
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
