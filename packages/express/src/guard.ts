import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attempt,
  createAnswerMemo,
  type Guard,
  type Outcome,
  type PlaceholderBody,
  type Target,
  TransformError,
  timedOut,
} from '@safelight/core';
import type { MissingOriginalTest } from './missing-original.ts';
import { isAnswered, type Next, type Passed, type RequestHandler, runHandler } from './run-handler.ts';
import { wants } from './wants.ts';
import type { WatchedResponse } from './watch-response.ts';
import { besides, writeAnswer } from './write-answer.ts';

export interface GuardDoorOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Names the original that a request is about; all its derivations are freed together. `undefined` leaves a request
   * alone. @default every path is an asset of its own
   */
  readonly asset?: (req: Req) => string | undefined;
  /** Names what is asked for of that asset. @default the URL with its query */
  readonly derivation?: (req: Req) => string;
  /** Requests whose answers are one client's own: neither held nor shared. Those with `Authorization` never are. */
  readonly private?: (req: Req) => boolean;
  /**
   * Which errors of the handler say that the original is missing, so that one look-up answers for all its derivations.
   * Asked about the errors that would be held; they are answered as 404 then. May be async, to wait for the body.
   * @default those with the header `X-Safelight-Missing-Original`, which are so in any case
   */
  readonly isMissingOriginal?: MissingOriginalTest;
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
  const { isMissingOriginal } = options;
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
    const isAsset = (name: string) => parts.assetKey(name) === target.assets[0];
    const work = (attempt: Attempt) =>
      runHandler({ handler, req, res, next, nextIsHandler, clock, onError, isMissingOriginal, isAsset }, attempt, {
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
    if (outcome.kind === 'made' || outcome.kind === 'kept') return;
    if (outcome.kind !== 'left') return fail(outcome, target, req, res, watched);
    if (left || watched === undefined) return;
    // The asset changed during the run: what was found before may be wrong by now, so nobody may keep it.
    const passing = { failure: undefined, source: 'run', remainingMs: 0, storable: false } as const;
    fail({ kind: 'failed', fault, ...passing }, target, req, res, watched);
  }

  /** A HEAD tells what is held, but its own answer says nothing of what a GET would get: many handlers refuse it. */
  async function answerHead(target: Target, req: Req, res: Res, next: Next): Promise<void> {
    const outcome = await Promise.resolve(guard.recall({ target })).catch(() => undefined);
    if (outcome?.kind !== 'failed') return unguarded(req, res, next);
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
    else writeAnswer(req, res, { ...answer, headers: besides((name) => res.hasHeader(name), answer.headers) });
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

function identifier<Req extends IncomingMessage>(
  { assetKey }: GuardDoorParts,
  options: GuardDoorOptions<Req>,
): (req: Req) => Target | undefined {
  const asset = options.asset ?? pathOf;
  // Where the path names the asset, only the query is left to tell derivations apart.
  const derivation = options.derivation ?? (options.asset === undefined ? queryOf : urlOf);
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

function queryOf(req: IncomingMessage): string {
  const url = urlOf(req);
  const query = url.indexOf('?');
  return query === -1 ? '' : url.slice(query);
}
