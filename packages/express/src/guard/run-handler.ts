import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attempt,
  abandoned,
  type Fault,
  FaultError,
  faultOfError,
  type Guard,
  isThenable,
  type MayWait,
  type Target,
  timedOut,
} from '@safelight/core';
import { hasResponded, isOver, type Next } from '@safelight/http';
import { createErrorBody, type ErrorBody } from './error-body.ts';
import { captureOf, type ErrorCapture, WrittenFault } from './error-capture.ts';
import type { HandlerCall } from './handler-call.ts';
import { absenceOf, errorResponseOf, isEvidence } from './missing-original.ts';
import { exposeOf } from './passed-errors.ts';
import type { ResponseEvents, WatchedHead, WatchedResponse } from './response-events.ts';
import { faultOfHandlerError, faultOfResponse } from './sharing.ts';
import { watchResponse } from './watch-response.ts';

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
  /** The error that the handler has thrown or passed on, if the application's error handlers get it. */
  passedError: { readonly error: unknown } | undefined;
  capture: ErrorCapture | undefined;
  readonly #call: HandlerCall<Req, Res>;
  readonly #attempt: Attempt;
  #result: HandlerEnd | undefined;
  #waiting: PromiseWithResolvers<Passed | typeof abandoned> | undefined;
  #errorBody: ErrorBody | undefined;

  /** Runs the handler at once. */
  constructor(call: HandlerCall<Req, Res>, attempt: Attempt) {
    this.#call = call;
    this.#attempt = attempt;
    const { handler, req, res, next, nextIsHandler, isStandIn = false } = call;
    if (hasResponded(res)) {
      this.#end({ value: abandoned });
      return;
    }
    this.watched = watchResponse(req, res, this);
    const passOn: Next = nextIsHandler ? next : (error) => this.#next(error);
    // `res.sendFile`, `download`, `format` and `render` of Express pass their errors to it.
    if (isStandIn) (req as { next?: Next }).next = passOn;
    try {
      const returned = handler(req, res, passOn);
      if (isThenable(returned)) returned.then(undefined, (error: unknown) => this.#failedWith(error));
    } catch (error) {
      this.#failedWith(error);
    }
  }

  /** Whether this is a run of this guard for this target. */
  makes(guard: Guard, target: Target): boolean {
    const { guard: ownGuard, target: ownTarget } = this.#call;
    if (ownGuard !== guard || ownTarget.assets[0] !== target.assets[0]) return false;
    return ownTarget.derivation === target.derivation && ownTarget.variant === target.variant;
  }

  /**
   * Returns how the run ended. After `success` the handler itself sends the rest of its response. Returns without a
   * promise when the handler responded synchronously.
   * @throws {Error} when the run failed; a promise rejects with the same error. No part of the response was sent
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

  onStatus(status: number, head: WatchedHead): 'forward' | 'withhold' | 'delay' {
    if (status < 400) {
      this.#end({ value: 'success' });
      return 'forward';
    }
    const fault = faultOfResponse(status, head, this.#call.req, this.#call);
    if (fault === undefined) {
      this.#end({ value: 'unjudged' });
      return 'forward';
    }
    const endWith = (isMissing: boolean) => this.#respondedWith(isMissing ? absenceOf(fault) : fault);
    const { req, res, isReplaced } = this.#call;
    const isOwn = !this.#isApplications || isReplaced(req);
    if (!isOwn && this.watched !== undefined) {
      this.capture = captureOf(status, head.own(), req, res);
      this.watched.capture = this.capture;
    }
    const evidence = this.#isMissingOriginal(status, head);
    if (typeof evidence === 'boolean') endWith(evidence);
    else void evidence.then(endWith);
    return isOwn ? 'withhold' : 'delay';
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

  /** Whether the client gets the error in the application's words. */
  get #isApplications(): boolean {
    return this.#call.errors === 'application';
  }

  #respondedWith(fault: Fault): void {
    this.fault = fault;
    this.#end({ error: new WrittenFault(fault, this.capture) });
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
    const { req, res, onError } = this.#call;
    const fault = faultOfHandlerError(error, req, watched?.own() ?? {}, this.#call);
    const isPassed = this.#isApplications && watched?.state === 'watching';
    if (!isPassed && watched?.state !== 'forwarding' && fault.class === 'transient') onError(error);
    this.#errorBody?.end();
    if (watched?.state === 'withheld' || watched?.state === 'delayed') return;
    if (watched?.state === 'watching' && fault.class !== 'never') {
      const expose = exposeOf(error);
      if (isPassed) {
        watched.delay();
        this.passedError = { error };
      } else watched.withhold();
      this.fault = isPassed ? { ...fault, passed: expose === undefined ? {} : { expose } } : fault;
      this.#end({ error: new FaultError(this.fault, { cause: error }) });
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
    else if (this.watched?.state !== 'withheld' && this.watched?.state !== 'delayed') this.#passOn(error);
  }
}
