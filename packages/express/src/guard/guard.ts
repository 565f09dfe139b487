import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Derivatives, Guard, KeptRecord, Remembered, Target } from '@safelight/core';
import {
  type EarlyAnswer,
  type EarlyOption,
  early,
  lastNext,
  type Next,
  type RequestHandler,
  requestUrl,
} from '@safelight/http';
import { checkOptions, kindOfValue } from '@safelight/protocol';
import { freeChanged, mayChange } from '../cache/free-changed.ts';
import { guardAndKeep, type KeepOptions, suitsRequest } from '../cache/guard-and-keep.ts';
import { createFailureWriter, type FailureWriterOptions } from './failure-writer.ts';
import { type GuardedHandler, guardInPlace, isWithinRun } from './guard-in-place.ts';
import { checkHandler, guardRules } from './guard-rules.ts';
import type { MissingOriginalTest } from './missing-original.ts';

export interface GuardDoorOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Names the original that a request is about; all its derivations are freed together. `undefined` leaves a request
   * alone. @default every path is an asset of its own
   */
  readonly asset?: (req: Req) => string | undefined;
  /** Names what is asked for of that asset. @default the URL with its query */
  readonly derivation?: (req: Req) => string;
  /** Requests with a response for one client only: it is neither held nor shared. Those with `Authorization` always count. */
  readonly private?: (req: Req) => boolean;
  /**
   * Which errors of the handler say that the original is missing, so that one look-up answers for all its derivations.
   * Asked about the errors that would be held; they are answered as 404 then. May be async, to wait for the body.
   * @default those with the header `X-Safelight-Missing-Original`, which are so in any case
   */
  readonly isMissingOriginal?: MissingOriginalTest;
  /**
   * Keeps what the handler answers, for as long as its `Cache-Control` allows (RFC 9111), and answers from there. The
   * handler then runs once for all clients that wait, on a request and a response of its own. A PUT, POST, PATCH or DELETE
   * through this guard frees what it has changed before its response is sent. Not for `middleware()`.
   * @default false
   */
  readonly keep?: boolean | KeepOptions;
  /**
   * Lets `listener` answer what is held or kept before the application sees the request: `true` when it is mounted at the
   * root, else the path that it is mounted at. `asset`, `derivation` and `private` then see a request that no middleware
   * has touched, without `params`. @default false
   */
  readonly early?: EarlyOption;
}

export interface GuardDoorParts extends FailureWriterOptions {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly derivatives: Derivatives;
  readonly timeoutMs: number;
  /** What the keys of guarded handlers' assets begin with, apart from those of what is mounted beside them. */
  readonly assetPrefix: string;
}

export interface GuardDoor<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly handler: RequestHandler<Req, Res>;
  /** Set when it may answer before the application does. */
  readonly early: EarlyAnswer | undefined;
}

/**
 * Puts the guard around one handler. `nextIsHandler`: the work is whatever follows, so `next` says nothing.
 * @throws {TypeError} when the handler is not a function, an option cannot work, or what follows is to be kept
 */
export function guardDoor<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardDoorParts,
  handler: RequestHandler<Req, Res>,
  options: GuardDoorOptions<Req>,
  { nextIsHandler }: { readonly nextIsHandler: boolean },
): GuardDoor<Req, Res> {
  const where = nextIsHandler ? 'middleware()' : 'guard()';
  checkHandler(where, handler);
  checkOptions<GuardDoorOptions<Req>>(where, options, guardRules);
  const { guard, clock, onError, assetPrefix } = parts;
  const { isMissingOriginal, keep = false, early: earlyOption = false } = options;
  if (keep !== false && nextIsHandler) {
    throw new TypeError('middleware() cannot keep what follows it; give the handler to guard(handler, { keep }).');
  }
  const identify = identifier(parts, options);
  const guarded: GuardedHandler<Req, Res> = {
    guard,
    callOf: (target, req, res, next) => ({
      ...{ guard, target, handler, req, res, next, nextIsHandler, clock, onError, isMissingOriginal },
      isAsset: (name) => assetPrefix + name === target.assets[0],
    }),
    fail: createFailureWriter(parts),
  };
  const inPlace = guardInPlace(guarded);
  const keeping = keep === false ? undefined : guardAndKeep(guarded, inPlace, parts, keep === true ? {} : keep);
  const answer = keeping?.answer ?? inPlace;

  function recall(target: Target, req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const suiting = (variants: KeptRecord['variants']) => variants.find((variant) => suitsRequest(variant, req));
    const known = guard.recall(keeping === undefined ? { target } : { target, select: suiting });
    const respond = (remembered: Remembered | undefined): boolean => {
      if (remembered?.kind === 'kept') keeping?.writeKept(req, res, remembered);
      if (remembered?.kind === 'failed') guarded.fail(remembered, target, { req, res });
      return remembered !== undefined;
    };
    return known instanceof Promise ? known.then(respond) : respond(known);
  }

  function freeBeforeAnswer(req: Req, res: Res): void {
    const name = options.asset === undefined ? pathOf(requestUrl(req)) : assetNameOf(options.asset(req));
    if (name === undefined || name === '') return;
    freeChanged(req, res, () => guard.changed(assetPrefix + name));
  }

  function targetOf(req: Req, res: Res): Target | undefined {
    const target = identify(req);
    if (target === undefined && keeping !== undefined && mayChange(req.method)) freeBeforeAnswer(req, res);
    return target;
  }

  function safelightGuard(req: Req, res: Res, next: Next = lastNext(req, res, onError)): unknown {
    let target: Target | undefined;
    try {
      target = targetOf(req, res);
    } catch (error) {
      // An option function of the application has thrown: that is for the application's error handlers.
      return next(error);
    }
    // A guard in another one for the same URL leaves it to the outer one.
    if (target === undefined || isWithinRun(res, guard, target)) return handler(req, res, next);
    return answer(target, req, res, next);
  }

  function answerEarly(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    let target: Target | undefined;
    try {
      target = identify(req as Req);
    } catch {
      // The same happens again where the application has mounted the guard, and is handled there.
      return false;
    }
    return target !== undefined && recall(target, req, res);
  }

  return { handler: safelightGuard, early: earlyOption === false ? undefined : early(answerEarly, earlyOption) };
}

function identifier<Req extends IncomingMessage>(
  { assetPrefix }: GuardDoorParts,
  options: GuardDoorOptions<Req>,
): (req: Req) => Target | undefined {
  const { asset, derivation, private: isPrivate, keep = false } = options;
  const isKept = keep !== false;
  return (req) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
    if (req.headers.authorization !== undefined || isPrivate?.(req) === true) return undefined;
    const url = requestUrl(req);
    const name = asset === undefined ? pathOf(url) : assetNameOf(asset(req));
    if (name === undefined || name === '') return undefined;
    // Where the path names the asset, only the query is left to tell derivations apart.
    const rest = asset === undefined ? url.slice(name.length) : url;
    return {
      assets: [assetPrefix + name],
      derivation: derivation === undefined ? rest : derivation(req),
      version: undefined,
      isKept,
    };
  };
}

/** @throws {TypeError} when `asset` has not returned a name: as text, all assets would have the same */
function assetNameOf(name: unknown): string | undefined {
  if (name === undefined || typeof name === 'string') return name;
  throw new TypeError(`asset returned ${kindOfValue(name)}; it must return a string, or undefined to leave it alone.`);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
