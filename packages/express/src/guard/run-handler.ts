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
import { absenceOf, type Evidence, isEvidence } from './missing-original.ts';
import type { ResponseEvents, WatchedHead, WatchedResponse } from './response-events.ts';
import { watchResponse } from './watch-response.ts';

export interface HandlerCall<Req extends IncomingMessage, Res extends ServerResponse> extends Evidence {
  readonly guard: Guard;
  readonly target: Target;
  readonly handler: RequestHandler<Req, Res>;
  readonly req: Req;
  readonly res: Res;
  readonly next: Next;
  /** The work is done by the handlers that follow, so a call of `next` has no meaning. */
  readonly nextIsHandler: boolean;
  readonly clock: () => number;
}

/** `unjudged`: a response that is never held, or no response; a retry may get another result. */
export type Passed = 'success' | 'unjudged';

type HandlerEnd = { readonly value: Passed | typeof abandoned } | { readonly error: unknown };

/** One run of a handler on a request and a response. */
export class HandlerRun<Req extends IncomingMessage, Res extends ServerResponse> implements ResponseEvents {
  /** `undefined` when there was a response already, so that the handler did not run. */
  readonly watched: WatchedResponse | undefined;
  /** Whether the client left before the status line. */
  hasLeft = false;
  /** Why it failed, if it did. */
  fault: Fault = timedOut;
  readonly #call: HandlerCall<Req, Res>;
  readonly #attempt: Attempt;
  #result: HandlerEnd | undefined;
  #waiting: PromiseWithResolvers<Passed | typeof abandoned> | undefined;
  #errorBody: ErrorBody | undefined;

  /** Whether it makes what this guard would make for this target. */
  makes(guard: Guard, target: Target): boolean {
    const { guard: mine, target: own } = this.#call;
    return mine === guard && own.assets[0] === target.assets[0] && own.derivation === target.derivation;
  }

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

  /**
   * How the run ended. On success the status line was sent, and the handler sends the rest by itself. Returns without a
   * promise when the handler responded synchronously.
   *
   * @throws the fault of a failure, of which nothing was sent; where there is a promise, it rejects with the fault
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
    const isMissing = this.#judge(status, head);
    if (typeof isMissing === 'boolean') this.#respondedWith(isMissing ? absenceOf(fault) : fault);
    else void isMissing.then((is) => this.#respondedWith(is ? absenceOf(fault) : fault));
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
    // The client has disconnected, but a permanent fault is still true for the picture. A transient one may have been
    // caused by the disconnection.
    if (this.hasLeft && fault.class !== 'transient') void this.#attempt.recordLate(fault);
    this.fault = fault;
    const { retryAfterMs: after } = fault;
    const options = after === undefined ? {} : { retryAfterMs: after };
    this.#end({ error: new TransformError(fault.code, fault.message, options) });
  }

  #judge(status: number, head: WatchedHead): boolean | Promise<boolean> {
    const body = this.#call.isMissingOriginal === undefined ? undefined : createErrorBody();
    const isMissing = isEvidence(
      {
        status,
        get statusMessage() {
          return head.message();
        },
        header: (name) => joinedHeader(head.header(name.toLowerCase())),
        body: () => body?.text ?? Promise.resolve(''),
      },
      this.#call,
    );
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
    // An error that is never held, or one after the status line, ends as it would without the guard. When the
    // connection is closed, that may be the reason for the error; the watch knows which side closed it.
    if (res.headersSent && !isOver(res)) void this.#attempt.recordLate(fault);
    this.#passOn(error);
  }

  #passOn(error?: unknown): void {
    this.watched?.release();
    this.#end({ value: 'unjudged' });
    this.#call.next(error);
  }

  #next(error: unknown): void {
    const isError = Boolean(error) && error !== 'route' && error !== 'router';
    if (isError) this.#failedWith(error);
    else if (this.watched?.state !== 'withheld') this.#passOn(error);
  }
}

function joinedHeader(value: unknown): string | undefined {
  return value === undefined ? undefined : String(Array.isArray(value) ? value.join(', ') : value);
}
