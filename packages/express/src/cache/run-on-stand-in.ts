import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attempt, abandoned } from '@safelight/core';
import { type HandlerCall, HandlerRun, type Passed } from '../guard/run-handler.ts';
import { createStandIn, type StandIn } from './stand-in.ts';
import type { ResponseBase } from './stand-in-message.ts';

export type StandInRun =
  | { readonly passed: Passed; readonly standIn: StandIn }
  | { readonly passed: 'next'; readonly error: unknown; readonly standIn: StandIn };

export interface StandInRunOptions {
  readonly base: ResponseBase;
  readonly added: Readonly<Record<string, string>>;
  readonly attempt: Attempt;
  readonly onError: (error: unknown) => void;
}

/**
 * Runs a handler on a stand-in, until its status line. In every case the stand-in ends, and emits the events that a
 * client's response would.
 * @throws the fault of a failure, as `HandlerRun.end` does
 */
export async function runOnStandIn<Req extends IncomingMessage, Res extends ServerResponse>(
  call: HandlerCall<Req, Res>,
  { base, added, attempt, onError }: StandInRunOptions,
): Promise<StandInRun | typeof abandoned> {
  const standIn = createStandIn(call.req, call.res, base, added);
  const { req, res, body } = standIn;
  let handling: HandlerRun<Req, Res> | undefined;
  let passedOn: { readonly error: unknown } | undefined;

  function next(error: unknown): void {
    if (!res.headersSent) passedOn = { error };
    else if (error && !body.destroyed) {
      onError(error);
      // The application cannot respond any more, and a part of the body must not count as the whole.
      if (!res.writableEnded) body.destroy();
    }
  }

  function responseToNoClient(): void {
    handling?.watched?.send({ status: 500, headers: {}, body: undefined });
    body.resume();
  }

  attempt.signal.addEventListener('abort', responseToNoClient, { once: true });
  try {
    handling = new HandlerRun({ ...call, req, res, next }, attempt);
    const passed = await handling.end();
    if (passedOn === undefined && passed !== abandoned) return { passed, standIn };
    body.destroy();
    return passedOn === undefined ? abandoned : { passed: 'next', error: passedOn.error, standIn };
  } catch (error) {
    responseToNoClient();
    throw error;
  } finally {
    attempt.signal.removeEventListener('abort', responseToNoClient);
  }
}
