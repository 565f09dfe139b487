import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attempt,
  abandoned,
  type Fault,
  faultOfError,
  faultOfStatus,
  type Guard,
  isThenable,
  type MayWait,
  retryAfterMs,
  type Target,
  TransformError,
  timedOut,
} from '@safelight/core';
import { hasResponded, isOver, type Next, type RequestHandler } from '@safelight/http';
import { createErrorBody, type ErrorBody } from './error-body.ts';
import { absenceOf, type Evidence, errorResponseOf, isEvidence } from './missing-original.ts';
import type { ResponseEvents, WatchedHead, WatchedResponse } from './response-events.ts';
import { watchResponse } from './watch-response.ts';

export interface HandlerCall<Req extends IncomingMessage, Res extends ServerResponse> extends Evidence {
  readonly guard: Guard;
  readonly target: Target;
  readonly handler: RequestHandler<Req, Res>;
  readonly req: Req;
  readonly res: Res;
  readonly next: Next;
  /** Whether the handlers that follow do the work. Then a call of `next` is not the end of the run. */
  readonly nextIsHandler: boolean;
  readonly clock: () => number;
}

/**
 * `unjudged`: the response has a status that is never held, or the handler called `next`. The value says nothing
 * about later runs.
 */
export type Passed = 'success' | 'unjudged';

type HandlerEnd = { readonly value: Passed | typeof abandoned } | { readonly error: unknown };

/** One run of a handler on a request and a response. */
export class HandlerRun<Req extends IncomingMessage, Res extends ServerResponse> implements ResponseEvents {
  /** `undefined` when the request already had a response, so that the handler did not run. */
  readonly watched: WatchedResponse | undefined;
  /** Whether the client left before the status line. */
  hasLeft = false;
  /** Why this run failed. Valid only if the run has failed. */
  fault: Fault = timedOut;
  readonly #call: HandlerCall<Req, Res>;
  readonly #attempt: Attempt;
  #result: HandlerEnd | undefined;
  #waiting: PromiseWithResolvers<Passed | typeof abandoned> | undefined;
  #errorBody: ErrorBody | undefined;

  /** Runs the handler at once. */
  constructor(call: HandlerCall<Req, Res>, attempt: Attempt) {
    this.#call = call;
    this.#attempt = attempt;
    const { handler, req, res, next, nextIsHandler } = call;
    if (hasResponded(res)) {
      this.#end({ value: abandoned });
      return;
    }
    this.watched = watchResponse(req, res, this);
    try {
      const returned = handler(req, res, nextIsHandler ? next : (error) => this.#next(error));
      if (isThenable(returned)) returned.then(undefined, (error: unknown) => this.#failedWith(error));
    } catch (error) {
      this.#failedWith(error);
    }
  }

  /** Whether this is a run of this guard for this target. */
  makes(guard: Guard, target: Target): boolean {
    const { guard: ownGuard, target: ownTarget } = this.#call;
    if (ownGuard !== guard || ownTarget.assets[0] !== target.assets[0]) return false;
    return ownTarget.derivation === target.derivation;
  }

  /**
   * Returns how the run ended. After `success` the handler itself sends the rest of its response. Returns without a
   * promise when the handler responded synchronously.
   * @throws {Error} when the run failed; a promise rejects with the same error. no part of the response was sent
   */
  end(): MayWait<Passed | typeof abandoned> {
    if (this.#result === undefined) {
      this.#waiting ??= Promise.withResolvers();
      return this.#waiting.promise;
    }
    if ('value' in this.#result) return this.#result.value;
    throw this.#result.error;
  }

  #end(result: HandlerEnd): void {
    if (this.#result !== undefined) return;
    this.#result = result;
    if ('value' in result) this.#waiting?.resolve(result.value);
    else this.#waiting?.reject(result.error);
  }

  onStatus(status: number, head: WatchedHead): boolean {
    if (status < 400) {
      this.#end({ value: 'success' });
      return false;
    }
    const { req, clock } = this.#call;
    const fault = faultOfStatus(status, {
      retryAfterMs: retryAfterMs(head.header('retry-after'), clock()),
      hasCredentials: req.headers.cookie !== undefined,
    });
    if (fault === undefined) {
      this.#end({ value: 'unjudged' });
      return false;
    }
    const endWith = (isMissing: boolean) => this.#respondedWith(isMissing ? absenceOf(fault) : fault);
    const evidence = this.#isMissingOriginal(status, head);
    if (typeof evidence === 'boolean') endWith(evidence);
    else void evidence.then(endWith);
    return true;
  }

  onWithheld(chunk: unknown, encoding: unknown): void {
    this.#errorBody?.add(chunk, encoding);
  }

  onWithheldEnd(): void {
    this.#errorBody?.end();
  }

  onLeft(): void {
    this.hasLeft = true;
    this.#end({ value: abandoned });
  }

  onBroken(): void {
    void this.#attempt.recordLate(faultOfError(undefined));
  }

  onDestroyed(cause: unknown): void {
    this.#end({ error: new Error('The handler destroyed its response before the status line.', { cause }) });
  }

  #respondedWith(fault: Fault): void {
    // After the client has disconnected, only a permanent fault is recorded. A transient fault may be the result of the
    // disconnection, and says nothing about the picture.
    if (this.hasLeft && fault.class !== 'transient') void this.#attempt.recordLate(fault);
    this.fault = fault;
    const options = fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs };
    this.#end({ error: new TransformError(fault.code, fault.message, options) });
  }

  /** Returns a promise if `isMissingOriginal` of the application returns a promise, for example to read the body. */
  #isMissingOriginal(status: number, head: WatchedHead): boolean | Promise<boolean> {
    const body = this.#call.isMissingOriginal === undefined ? undefined : createErrorBody();
    const isMissing = isEvidence(errorResponseOf(status, head, body), this.#call);
    if (typeof isMissing !== 'boolean') this.#errorBody = body;
    return isMissing;
  }

  #failedWith(error: unknown): void {
    const { watched } = this;
    const { res, onError } = this.#call;
    const fault = faultOfError(error);
    if (watched?.state !== 'forwarding' && fault.class === 'transient') onError(error);
    this.#errorBody?.end();
    if (watched?.state === 'withheld') return;
    if (watched?.state === 'watching' && fault.class !== 'never') {
      watched.withhold();
      this.fault = fault;
      this.#end({ error });
      return;
    }
    // An error that is never held, or that comes after the status line, goes to `next` as without the guard. A closed
    // connection may be the cause of the error. Then only the watch records a fault, because the watch knows which side
    // closed the connection.
    if (res.headersSent && !isOver(res)) void this.#attempt.recordLate(fault);
    this.#passOn(error);
  }

  #passOn(error?: unknown): void {
    this.watched?.release();
    this.#end({ value: 'unjudged' });
    this.#call.next(error);
  }

  #next(error: unknown): void {
    // With 'route' or 'router', Express continues after the route or the router. These are not errors.
    const isError = Boolean(error) && error !== 'route' && error !== 'router';
    if (isError) this.#failedWith(error);
    else if (this.watched?.state !== 'withheld') this.#passOn(error);
  }
}
