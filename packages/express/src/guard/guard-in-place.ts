import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attempt, type Outcome, type Target, timedOut } from '@safelight/core';
import { isAnswered, type Next, type RequestHandler } from '@safelight/http';
import type { GuardedAnswer, GuardedHandler } from './guarded-handler.ts';
import { onceArrived } from './once-arrived.ts';
import { type Passed, runHandler } from './run-handler.ts';
import type { WatchedResponse } from './watch-response.ts';

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
    let left = false;
    let watched: WatchedResponse | undefined;
    let fault = timedOut;
    const call = callOf(target, req, res, next);
    const work = onceArrived(res, (attempt: Attempt) =>
      runHandler(call, attempt, {
        onWatch: (response) => {
          watched = response;
        },
        onLeft: () => {
          left = true;
        },
        onFault: (found) => {
          fault = found;
        },
      }),
    );

    function finish(outcome: Outcome<Passed>): void {
      if (outcome.kind === 'made' || outcome.kind === 'kept') return;
      if (outcome.kind !== 'left') {
        fail(outcome, target, req, res, watched);
        return;
      }
      if (left || watched === undefined) return;
      // The asset changed during the run: what was found before may be wrong by now, so nobody may keep it.
      const passing = { failure: undefined, source: 'run', remainingMs: 0, storable: false } as const;
      fail({ kind: 'failed', fault, ...passing }, target, req, res, watched);
    }

    /** The guard is no new way to fail: without it the handler would have answered. */
    function failed(error: unknown): void | Promise<void> {
      return watched === undefined ? unguarded(call.handler, req, res, next) : next(error);
    }

    try {
      const outcome = guard.handle({
        target,
        work,
        take: never,
        checksSuccess: false,
        isSuccess: (passed) => passed === 'success',
        // A handler has one response to write to, and may go on writing: it never runs twice for one request.
        hasLeft: () => watched !== undefined || isAnswered(res),
      });
      return outcome instanceof Promise ? outcome.then(finish, failed) : finish(outcome);
    } catch (error) {
      return failed(error);
    }
  };

  /** A HEAD tells what is held, but its own answer says nothing of what a GET would get: many handlers refuse it. */
  async function answerHead(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    const outcome = await Promise.resolve(guard.recall({ target })).catch(() => undefined);
    if (outcome?.kind !== 'failed') return unguarded(callOf(target, req, res, next).handler, req, res, next);
    fail(outcome, target, req, res);
  }
}

/** As it would be without us, but for Express 4, to which nobody hands on what a promise rejects with. */
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
