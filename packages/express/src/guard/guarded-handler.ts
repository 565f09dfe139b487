import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard, Target } from '@safelight/core';
import type { Next } from '@safelight/http';
import type { FailureWriter } from './failure-writer.ts';
import type { HandlerCall } from './run-handler.ts';

/** A handler with what it takes to run it and to answer for it. */
export interface GuardedHandler<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly guard: Guard;
  readonly callOf: (target: Target, req: Req, res: Res, next: Next) => HandlerCall<Req, Res>;
  readonly fail: FailureWriter;
}

/** Answers one request. */
export type GuardedAnswer<Req, Res> = (target: Target, req: Req, res: Res, next: Next) => void | Promise<void>;
