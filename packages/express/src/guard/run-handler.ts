import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attempt,
  abandoned,
  type Fault,
  faultOfError,
  faultOfStatus,
  retryAfterMs,
  TransformError,
} from '@safelight/core';
import { isAnswered, isOver, type Next, type RequestHandler } from '@safelight/http';
import { failureKinds } from '@safelight/protocol';
import { createErrorBody, type ErrorBody } from './error-body.ts';
import { type Evidence, isEvidence } from './missing-original.ts';
import { type AnswerHead, type WatchedResponse, watchResponse } from './watch-response.ts';

export interface HandlerCall<Req extends IncomingMessage, Res extends ServerResponse> extends Evidence {
  readonly handler: RequestHandler<Req, Res>;
  readonly req: Req;
  readonly res: Res;
  readonly next: Next;
  readonly nextIsHandler: boolean;
  readonly clock: () => number;
}

/** `unjudged`: an answer that is never held, or none at all; it says nothing of what a retry would get. */
export type Passed = 'success' | 'unjudged';

export interface HandlerEvents {
  onWatch(response: WatchedResponse): void;
  onLeft(): void;
  onFault(fault: Fault): void;
}

/**
 * Runs a handler on its own request and response. Resolves at the status line of a success, which the handler goes on
 * to send by itself; rejects with the fault of a failure, of which nothing has been sent.
 */
export function runHandler<Req extends IncomingMessage, Res extends ServerResponse>(
  call: HandlerCall<Req, Res>,
  attempt: Attempt,
  events: HandlerEvents,
): Promise<Passed | typeof abandoned> {
  const { handler, req, res, next, nextIsHandler, clock, onError } = call;
  return new Promise((resolve, reject) => {
    if (isAnswered(res)) return resolve(abandoned);
    let left = false;
    let errorBody: ErrorBody | undefined;
    const watched = watchResponse(req, res, {
      onStatus(status, head) {
        if (status < 400) {
          resolve('success');
          return false;
        }
        const fault = faultOfStatus(status, {
          retryAfterMs: retryAfterMs(head.header('retry-after'), clock()),
          hasCredentials: req.headers.cookie !== undefined,
        });
        if (fault === undefined) {
          resolve('unjudged');
          return false;
        }
        const isMissing = judge(status, head);
        if (typeof isMissing === 'boolean') answeredWith(isMissing ? absenceOf(fault) : fault);
        else void isMissing.then((is) => answeredWith(is ? absenceOf(fault) : fault));
        return true;
      },
      onWithheld(chunk, encoding) {
        errorBody?.add(chunk, encoding);
      },
      onWithheldEnd() {
        errorBody?.end();
      },
      onLeft() {
        left = true;
        events.onLeft();
        resolve(abandoned);
      },
      onBroken() {
        void attempt.recordLate(faultOfError(undefined));
      },
      onDestroyed(cause) {
        reject(new Error('The handler destroyed its response before the status line.', { cause }));
      },
    });
    events.onWatch(watched);

    function answeredWith(fault: Fault): void {
      // Nobody is told any more, but what a handler says of the picture is true all the same; a crash may come of the
      // leaving itself.
      if (left && fault.class !== 'passing') void attempt.recordLate(fault);
      events.onFault(fault);
      const { retryAfterMs: after } = fault;
      reject(new TransformError(fault.code, fault.message, after === undefined ? {} : { retryAfterMs: after }));
    }

    function judge(status: number, head: AnswerHead): boolean | Promise<boolean> {
      const body = call.isMissingOriginal === undefined ? undefined : createErrorBody();
      const isMissing = isEvidence(
        {
          status,
          get statusMessage() {
            return head.message();
          },
          header: (name) => headerText(head.header(name.toLowerCase())),
          body: () => body?.text ?? Promise.resolve(''),
        },
        call,
      );
      if (typeof isMissing !== 'boolean') errorBody = body;
      return isMissing;
    }

    function failedWith(error: unknown): void {
      const fault = faultOfError(error);
      if (watched.state !== 'passing' && fault.class === 'passing') onError(error);
      errorBody?.end();
      if (watched.state === 'withheld') return;
      if (watched.state === 'watching' && fault.class !== 'never') {
        watched.withhold();
        events.onFault(fault);
        reject(error);
      } else {
        // An error that is never held, or one that comes too late for another answer, ends as it would without us.
        // Once the connection is gone it may be the going that is complained of; the watch knows whose doing it was.
        if (res.headersSent && !isOver(res)) void attempt.recordLate(fault);
        passOn(error);
      }
    }

    function passOn(error?: unknown): void {
      watched.release();
      resolve('unjudged');
      next(error);
    }

    const handlersNext: Next = (error) => {
      const isError = Boolean(error) && error !== 'route' && error !== 'router';
      if (isError) failedWith(error);
      else if (watched.state !== 'withheld') passOn(error);
    };

    try {
      const returned = handler(req, res, nextIsHandler ? next : handlersNext);
      if (isThenable(returned)) returned.then(undefined, failedWith);
    } catch (error) {
      failedWith(error);
    }
  });
}

/** The same failure, of the original. */
function absenceOf({ retryAfterMs: after }: Fault): Fault {
  const { status, title, class: held } = failureKinds.missing_original;
  const fault: Fault = { code: 'missing_original', status, class: held, message: title };
  return after === undefined ? fault : { ...fault, retryAfterMs: after };
}

function headerText(value: unknown): string | undefined {
  return value === undefined ? undefined : String(Array.isArray(value) ? value.join(', ') : value);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
