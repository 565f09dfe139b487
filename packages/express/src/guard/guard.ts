import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CachedRecord, Derivatives, Guard, Remembered, Target } from '@safelight/core';
import {
  type EarlyOption,
  type EarlyResponder,
  early,
  lastNext,
  type Next,
  type RequestHandler,
  requestUrl,
} from '@safelight/http';
import { checkOptions, kindOfValue } from '@safelight/protocol';
import { freeChanged, mayChange } from '../cache/free-changed.ts';
import { type CacheOptions, guardAndCache, suitsRequest } from '../cache/guard-and-cache.ts';
import { createFailureWriter, type FailureWriterOptions } from './failure-writer.ts';
import { type GuardedHandler, guardInPlace, isWithinRun } from './guard-in-place.ts';
import { checkHandler, guardRules } from './guard-rules.ts';
import type { MissingOriginalTest } from './missing-original.ts';

export interface GuardRouteOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Names the original that a request is about; all its derivations are freed together. `undefined` leaves a request
   * alone. @default every path is an asset of its own
   */
  readonly asset?: (req: Req) => string | undefined;
  /** Names what is asked for of that asset. @default the URL with its query */
  readonly derivation?: (req: Req) => string;
  /** Requests with a response for one client only: it is neither held nor shared. Those with `Authorization` always count. */
  readonly isPrivate?: (req: Req) => boolean;
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
  readonly cache?: boolean | CacheOptions;
  /**
   * Lets `listener` answer what is held or kept before the application sees the request: `true` when it is mounted at the
   * root, else the path that it is mounted at. `asset`, `derivation` and `isPrivate` then see a request that no middleware
   * has touched, without `params`. @default false
   */
  readonly early?: EarlyOption;
}

export interface GuardRouteParts extends FailureWriterOptions {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly derivatives: Derivatives;
  readonly timeoutMs: number;
  /** What the keys of guarded handlers' assets begin with, apart from those of what is mounted beside them. */
  readonly assetPrefix: string;
}

export interface GuardRoute<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly handler: RequestHandler<Req, Res>;
  /** Set when it may answer before the application does. */
  readonly early: EarlyResponder | undefined;
}

/**
 * Puts the guard around one handler. `nextIsHandler`: the work is whatever follows, so `next` says nothing.
 * @throws {TypeError} when the handler is not a function, an option cannot work, or what follows is to be kept
 */
export function guardRoute<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardRouteParts,
  handler: RequestHandler<Req, Res>,
  options: GuardRouteOptions<Req>,
  { nextIsHandler }: { readonly nextIsHandler: boolean },
): GuardRoute<Req, Res> {
  const where = nextIsHandler ? 'middleware()' : 'guard()';
  checkHandler(where, handler);
  checkOptions<GuardRouteOptions<Req>>(where, options, guardRules);
  const { guard, clock, onError, assetPrefix } = parts;
  const { isMissingOriginal, cache = false, early: earlyOption = false } = options;
  if (cache !== false && nextIsHandler) {
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
  const caching = cache === false ? undefined : guardAndCache(guarded, inPlace, parts, cache === true ? {} : cache);
  const respond = caching?.respond ?? inPlace;

  function recall(target: Target, req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const suiting = (variants: CachedRecord['variants']) => variants.find((variant) => suitsRequest(variant, req));
    const known = guard.recall(caching === undefined ? { target } : { target, select: suiting });
    const respondWith = (remembered: Remembered | undefined): boolean => {
      if (remembered?.kind === 'cached') caching?.writeCached(req, res, remembered);
      if (remembered?.kind === 'failed') guarded.fail(remembered, target, { req, res });
      return remembered !== undefined;
    };
    return known instanceof Promise ? known.then(respondWith) : respondWith(known);
  }

  function freeBeforeResponse(req: Req, res: Res): void {
    const name = options.asset === undefined ? pathOf(requestUrl(req)) : assetNameOf(options.asset(req));
    if (name === undefined || name === '') return;
    freeChanged(req, res, () => guard.changed(assetPrefix + name));
  }

  function targetOf(req: Req, res: Res): Target | undefined {
    const target = identify(req);
    if (target === undefined && caching !== undefined && mayChange(req.method)) freeBeforeResponse(req, res);
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
    return respond(target, req, res, next);
  }

  function respondEarly(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    let target: Target | undefined;
    try {
      target = identify(req as Req);
    } catch {
      // The same happens again where the application has mounted the guard, and is handled there.
      return false;
    }
    return target !== undefined && recall(target, req, res);
  }

  return { handler: safelightGuard, early: earlyOption === false ? undefined : early(respondEarly, earlyOption) };
}

function identifier<Req extends IncomingMessage>(
  { assetPrefix }: GuardRouteParts,
  options: GuardRouteOptions<Req>,
): (req: Req) => Target | undefined {
  const { asset, derivation, isPrivate, cache = false } = options;
  const isCached = cache !== false;
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
      isCached,
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
