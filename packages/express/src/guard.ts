import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attempt,
  abandoned,
  createAnswerMemo,
  type Fault,
  faultOfError,
  faultOfStatus,
  type Guard,
  type Outcome,
  type PlaceholderBody,
  retryAfterMs,
  type Target,
  TransformError,
  timedOut,
} from '@safelight/core';
import { wants } from './wants.ts';
import { type WatchedResponse, watchResponse } from './watch-response.ts';
import { besides, writeAnswer } from './write-answer.ts';

export type Next = (error?: unknown) => void;

/** Any Express, Connect or plain `node:http` handler. */
export type RequestHandler<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
> = (req: Req, res: Res, next: Next) => unknown;

export interface GuardDoorOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Names the original that a request is about; all its derivations are freed together. `undefined` leaves a request
   * alone. @default every path is an asset of its own
   */
  readonly asset?: (req: Req) => string | undefined;
  /** Names what is asked for of that asset. @default the whole URL with its query */
  readonly derivation?: (req: Req) => string;
  /** Requests whose answers are one client's own: neither held nor shared. Those with `Authorization` never are. */
  readonly private?: (req: Req) => boolean;
}

export interface GuardDoorParts {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly placeholder: PlaceholderBody | undefined;
  readonly placeholderStatus: number | undefined;
  readonly assetKey: (asset: string) => string;
  readonly tags: (asset: string) => readonly string[];
  /** Told what a failing URL means, so that it can be explained later. */
  readonly onFailed: (url: string, target: Target) => void;
  /** Told of crashes and hangs of a handler, which nobody else hears of once they are answered here. */
  readonly onError: (error: unknown) => void;
}

/** Puts the guard around one handler. `nextIsHandler`: the work is whatever follows, so `next` says nothing. */
export function guardDoor<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardDoorParts,
  handler: RequestHandler<Req, Res>,
  options: GuardDoorOptions<Req>,
  { nextIsHandler }: { readonly nextIsHandler: boolean },
): RequestHandler<Req, Res> {
  const { guard, clock, onError } = parts;
  const identify = identifier(parts, options);
  const answerFor = createAnswerMemo();

  return function safelightGuard(req, res, next) {
    const target = identify(req);
    if (target === undefined) return handler(req, res, next);
    if (req.method === 'HEAD') return answerHead(target, req, res, next);
    return answerGet(target, req, res, next);
  };

  async function answerGet(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    let left = false;
    let watched: WatchedResponse | undefined;
    let fault = timedOut;
    const work = (attempt: Attempt) =>
      runHandler({ handler, req, res, next, nextIsHandler, clock, onError }, attempt, {
        onWatch: (response) => {
          watched = response;
        },
        onLeft: () => {
          left = true;
        },
        onFault: (found) => {
          fault = found;
        },
      });
    let outcome: Outcome<Passed>;
    try {
      outcome = await guard.handle({
        target,
        work,
        isShareable: never,
        checksSuccess: false,
        isSuccess: (passed) => passed === 'success',
        // A handler has one response to write to, and may go on writing: it never runs twice for one request.
        hasLeft: () => watched !== undefined || isAnswered(res),
      });
    } catch (error) {
      // The guard is no new way to fail: without it the handler would have answered.
      return watched === undefined ? unguarded(req, res, next) : next(error);
    }
    if (outcome.kind === 'made') return;
    if (outcome.kind !== 'left') return fail(outcome, target, req, res, watched);
    if (left || watched === undefined) return;
    // The asset changed during the run: what was found before may be wrong by now, so nobody may keep it.
    const passing = { failure: undefined, source: 'run', remainingMs: 0, storable: false } as const;
    fail({ kind: 'failed', fault, ...passing }, target, req, res, watched);
  }

  /** A HEAD tells what is held, but its own answer says nothing of what a GET would get: many handlers refuse it. */
  async function answerHead(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    const outcome = await guard.held(target).catch(() => undefined);
    if (outcome === undefined) return unguarded(req, res, next);
    fail(outcome, target, req, res, undefined);
  }

  /** As it would be without us, but for Express 4, to which nobody hands on what a promise rejects with. */
  async function unguarded(req: Req, res: Res, next: Next): Promise<void> {
    try {
      await handler(req, res, next);
    } catch (error) {
      next(error);
    }
  }

  function fail(
    outcome: Extract<Outcome<unknown>, { kind: 'failed' | 'busy' }>,
    target: Target,
    req: Req,
    res: Res,
    watched: WatchedResponse | undefined,
  ): void {
    const { placeholder, placeholderStatus, tags } = parts;
    parts.onFailed(urlOf(req), target);
    if (isHang(outcome)) onError(outcome.error);
    // Something in front of us, such as a timeout of its own, may have answered while we waited.
    if (watched === undefined && isAnswered(res)) return;
    const about = { placeholder, placeholderStatus, tags: () => tags(target.assets[0]) };
    const answer = answerFor({ outcome, wants: wants(req), ...about });
    if (watched !== undefined) watched.send(answer.status, answer.headers, answer.body);
    else writeAnswer(req, res, { ...answer, headers: besides(res.getHeaders(), answer.headers) });
  }
}

function never(): boolean {
  return false;
}

/** A handler that answers 504 by itself knows about it. */
function isHang(outcome: Outcome<unknown>): outcome is Extract<Outcome<unknown>, { kind: 'failed' }> {
  if (outcome.kind !== 'failed' || outcome.source !== 'run') return false;
  return outcome.fault.code === 'timed_out' && !TransformError.is(outcome.error);
}

function isAnswered(res: ServerResponse): boolean {
  return res.destroyed || res.headersSent;
}

function identifier<Req extends IncomingMessage>(
  { assetKey }: GuardDoorParts,
  options: GuardDoorOptions<Req>,
): (req: Req) => Target | undefined {
  const asset = options.asset ?? pathOf;
  const derivation = options.derivation ?? urlOf;
  return (req) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
    if (req.headers.authorization !== undefined || options.private?.(req) === true) return undefined;
    const name = asset(req);
    if (name === undefined || name === '') return undefined;
    return { assets: [assetKey(name)], derivation: derivation(req), version: undefined };
  };
}

/** The URL as the client sent it, also below a mount point. */
function urlOf(req: IncomingMessage): string {
  return (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
}

function pathOf(req: IncomingMessage): string {
  const url = urlOf(req);
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

interface HandlerCall<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly handler: RequestHandler<Req, Res>;
  readonly req: Req;
  readonly res: Res;
  readonly next: Next;
  readonly nextIsHandler: boolean;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
}

/** `unjudged`: an answer that is never held, or none at all; it says nothing of what a retry would get. */
type Passed = 'success' | 'unjudged';

interface HandlerEvents {
  onWatch(response: WatchedResponse): void;
  onLeft(): void;
  onFault(fault: Fault): void;
}

/**
 * Runs a handler on its own request and response. Resolves at the status line of a success, which the handler goes on
 * to send by itself; rejects with the fault of a failure, of which nothing has been sent.
 */
function runHandler<Req extends IncomingMessage, Res extends ServerResponse>(
  { handler, req, res, next, nextIsHandler, clock, onError }: HandlerCall<Req, Res>,
  attempt: Attempt,
  events: HandlerEvents,
): Promise<Passed | typeof abandoned> {
  return new Promise((resolve, reject) => {
    if (isAnswered(res)) return resolve(abandoned);
    let left = false;
    const watched = watchResponse(req, res, {
      onStatus(status, retryAfter) {
        if (status < 400) {
          resolve('success');
          return false;
        }
        const fault = faultOfStatus(status, {
          retryAfterMs: retryAfterMs(retryAfter(), clock()),
          hasCredentials: req.headers.cookie !== undefined,
        });
        if (fault === undefined) {
          resolve('unjudged');
          return false;
        }
        // Nobody is told any more, but what a handler says of the picture is true all the same; a crash may come of
        // the leaving itself.
        if (left && fault.class !== 'passing') void attempt.recordLate(fault);
        events.onFault(fault);
        const { retryAfterMs: after } = fault;
        reject(new TransformError(fault.code, fault.message, after === undefined ? {} : { retryAfterMs: after }));
        return true;
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

    function failedWith(error: unknown): void {
      const fault = faultOfError(error);
      if (watched.state !== 'passing' && fault.class === 'passing') onError(error);
      if (watched.state === 'withheld') return;
      if (watched.state === 'watching' && fault.class !== 'never') {
        watched.withhold();
        events.onFault(fault);
        reject(error);
      } else {
        // An error that is never held, or one that comes too late for another answer, ends as it would without us.
        if (res.headersSent) void attempt.recordLate(fault);
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
