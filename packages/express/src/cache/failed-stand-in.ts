import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Target } from '@safelight/core';
import type { Next } from '@safelight/http';
import { noEvents } from '../guard/error-passer.ts';
import type { FailureOutcome, FailureWriter } from '../guard/failure-writer.ts';
import { watchResponse } from '../guard/watch-response.ts';
import { writeOwn } from './live-response.ts';
import type { FailedStandIn } from './run-on-stand-in.ts';
import { handBack } from './stand-in-message.ts';

export interface FailureResponderParts {
  readonly fail: FailureWriter;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next;
}

/** Responds to a failure. The client of the run gets the handler's own response, or the error handlers get its error. */
export function createFailureResponder({ fail, clock, onError, onMadePrivate }: FailureResponderParts) {
  return async function respondToFailure(
    outcome: FailureOutcome,
    target: Target,
    exchange: Exchange,
    failed: FailedStandIn | undefined,
  ): Promise<void> {
    const { req, res } = exchange;
    if (failed === undefined) {
      await fail(outcome, target, exchange);
      return;
    }
    const { run, standIn } = failed;
    const watched = watchResponse(req, res, noEvents);
    watched.delay();
    if (run.passedError !== undefined) {
      endStandIn(failed);
      handBack(standIn, req, res);
      await fail(outcome, target, { ...exchange, run, watched });
      return;
    }
    await fail(outcome, target, { ...exchange, run, watched });
    run.watched?.forward();
    const wire = await standIn.head;
    writeOwn(req, res, { wire, standIn }, { now: clock(), onError, onMadePrivate });
  };
}

/** Ends the response of a failed run. No client gets it. */
export function endStandIn({ run, standIn }: FailedStandIn): void {
  run.watched?.forward();
  if (run.passedError !== undefined) standIn.res.writeHead(500).end();
  standIn.body.resume();
}
