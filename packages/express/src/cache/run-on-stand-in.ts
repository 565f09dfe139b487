import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attempt, abandoned } from '@safelight/core';
import type { FailedRun } from '../guard/failure-writer.ts';
import type { HandlerCall } from '../guard/handler-call.ts';
import { HandlerRun, type Passed } from '../guard/run-handler.ts';
import { createStandIn, type StandIn } from './stand-in.ts';
import type { InitialHead } from './stand-in-message.ts';

export type StandInRun =
  | { readonly passed: Passed; readonly standIn: StandIn }
  | { readonly passed: 'next'; readonly error: unknown; readonly standIn: StandIn };

export interface StandInRunOptions {
  /** The client's response before the handler ran. */
  readonly initial: InitialHead;
  /** Header fields that replace the client's, or are added to them. */
  readonly addedHeaders: Readonly<Record<string, string>>;
  readonly attempt: Attempt;
  readonly onError: (error: unknown) => void;
  /** Gets a failed run with a response that is delayed. The receiver must end it. */
  readonly onFailed: (failed: FailedStandIn) => void;
}

/** A failed run with a response in the application's own words, which is delayed. */
export interface FailedStandIn {
  readonly standIn: StandIn;
  readonly run: FailedRun & Pick<HandlerRun<IncomingMessage, ServerResponse>, 'watched'>;
}

/**
 * Runs a handler on a stand-in until its status line. The stand-in always ends, and emits the same events as a client's
 * response.
 * @throws {Error} of a failure, as `HandlerRun.end` does
 */
export async function runOnStandIn<Req extends IncomingMessage, Res extends ServerResponse>(
  call: HandlerCall<Req, Res>,
  { initial, addedHeaders, attempt, onError, onFailed }: StandInRunOptions,
): Promise<StandInRun | typeof abandoned> {
  const standIn = createStandIn(call.req, call.res, initial, { added: addedHeaders, forwards: call.forwards });
  const { req, res, body } = standIn;
  let run: HandlerRun<Req, Res> | undefined;
  let passedOn: { readonly error: unknown } | undefined;

  function next(error: unknown): void {
    if (passedOn !== undefined) {
      // The request has gone on already.
      if (error) onError(error);
    } else if (!res.headersSent) passedOn = { error };
    else if (error && !body.destroyed) {
      onError(error);
      // The application can no longer respond, and a part of the body must not count as the whole.
      if (!res.writableEnded) body.destroy();
    }
  }

  /** Ends the response of a failed run. No client gets it. */
  function endWithoutClient(): void {
    run?.watched?.send({ status: 500, headers: {}, body: undefined });
    body.resume();
  }

  attempt.signal.addEventListener('abort', endWithoutClient, { once: true });
  try {
    run = new HandlerRun({ ...call, req, res, next, isStandIn: true }, attempt);
    const passed = await run.end();
    if (passedOn === undefined && passed !== abandoned) return { passed, standIn };
    body.destroy();
    return passedOn === undefined ? abandoned : { passed: 'next', error: passedOn.error, standIn };
  } catch (error) {
    if (run?.watched?.state === 'delayed') onFailed({ standIn, run });
    else endWithoutClient();
    throw error;
  } finally {
    attempt.signal.removeEventListener('abort', endWithoutClient);
  }
}
