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
import { type CacheOptions, guardAndCache, suitsRequest } from '../cache/guard-and-cache.ts';
import { invalidateBeforeResponse, mayInvalidate } from '../cache/invalidate-before-response.ts';
import { createFailureWriter, type FailureWriterOptions } from './failure-writer.ts';
import { type GuardedHandler, guardInPlace, isWithinRun } from './guard-in-place.ts';
import { checkHandler, guardRules } from './guard-rules.ts';
import type { MissingOriginalTest } from './missing-original.ts';

/** The options of `guard()` and `middleware()`. */
export interface GuardRouteOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Returns the name of the original that a request is for. `changed` takes the same name, and applies to all
   * derivations of the asset. A request without a name (`undefined` or `''`) is not guarded.
   * @default the path: each path is a separate asset
   */
  readonly asset?: (req: Req) => string | undefined;
  /**
   * Returns the name of the derivation. Requests with the same asset and derivation share runs, failures and cached
   * responses. @default the URL with its query
   */
  readonly derivation?: (req: Req) => string;
  /**
   * Whether the response is for one client only. The handler responds to such a request as without the guard. Requests
   * with `Authorization` are always private. @default no other request is private
   */
  readonly isPrivate?: (req: Req) => boolean;
  /**
   * Whether an error response of the handler says that the original is missing. Then the failure is held for all
   * derivations of the asset, and clients get a 404. Called only for responses that would be held. May return a
   * promise, for example to read the body. An error of this function goes to `onError` and counts as `false`.
   * @default `false`; the header `X-Safelight-Missing-Original` counts in any case
   */
  readonly isMissingOriginal?: MissingOriginalTest;
  /**
   * Caches the handler's responses for as long as their `Cache-Control` allows (RFC 9111). The handler then runs once
   * for all waiting clients, on a separate request and response. A successful PUT, POST, PATCH or DELETE through this
   * guard counts as a call of `changed`, which ends before the response is sent. `middleware()` does not take this
   * option.
   * @default false
   */
  readonly cache?: boolean | CacheOptions;
  /**
   * Lets `listener` send held and cached responses before the application sees the request. The value is `true` for a
   * guard that is mounted at the root, otherwise the path of the mount, such as `'/thumbs'`. `asset`, `derivation` and
   * `isPrivate` then get a request without `params`, which no middleware has changed. @default false
   */
  readonly early?: EarlyOption;
}

export interface GuardRouteParts extends FailureWriterOptions {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly derivatives: Derivatives;
  readonly timeoutMs: number;
  /** The prefix that distinguishes the asset keys of guarded handlers from the asset keys of mounts. */
  readonly assetPrefix: string;
}

export interface GuardRoute<Req extends IncomingMessage, Res extends ServerResponse> {
  readonly handler: RequestHandler<Req, Res>;
  /** Responds before the application does; `undefined` when the `early` option is off. */
  readonly early: EarlyResponder | undefined;
}

/**
 * Puts the guard around one handler.
 * @param modes - `nextIsHandler`: the handlers that follow do the work, so a call of `next` is not the end of the run
 * @throws {TypeError} when the handler is not a function, an option cannot work, or `middleware()` is given `cache`
 */
export function guardRoute<Req extends IncomingMessage, Res extends ServerResponse>(
  parts: GuardRouteParts,
  handler: RequestHandler<Req, Res>,
  options: GuardRouteOptions<Req>,
  modes: { readonly nextIsHandler: boolean },
): GuardRoute<Req, Res> {
  const { nextIsHandler } = modes;
  const where = nextIsHandler ? 'middleware()' : 'guard()';
  checkHandler(where, handler);
  checkOptions<GuardRouteOptions<Req>>(where, options, guardRules);
  const { guard, clock, onError, assetPrefix } = parts;
  const { isMissingOriginal, cache = false, early: earlyOption = false } = options;
  if (cache !== false && nextIsHandler) {
    throw new TypeError(
      'middleware() cannot cache, because it is not given the handler. Use guard(handler, { cache: true }).',
    );
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

  /** Sends the held failure or the cached response. @returns whether there was something to send */
  function recall(target: Target, req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    const select = (variants: CachedRecord['variants']) => variants.find((variant) => suitsRequest(variant, req));
    const remembered = guard.recall(caching === undefined ? { target } : { target, select });
    const respondWith = (found: Remembered | undefined): boolean => {
      if (found?.kind === 'cached') caching?.writeCached(req, res, found);
      if (found?.kind === 'failed') guarded.fail(found, target, { req, res });
      return found !== undefined;
    };
    return remembered instanceof Promise ? remembered.then(respondWith) : respondWith(remembered);
  }

  function invalidateAsset(req: Req, res: Res): void {
    const name = options.asset === undefined ? pathOf(requestUrl(req)) : assetNameOf(options.asset(req));
    if (name === undefined || name === '') return;
    invalidateBeforeResponse(req, res, () => guard.changed(assetPrefix + name));
  }

  function targetOf(req: Req, res: Res): Target | undefined {
    const target = identify(req);
    if (target === undefined && caching !== undefined && mayInvalidate(req.method)) invalidateAsset(req, res);
    return target;
  }

  function safelightGuard(req: Req, res: Res, next: Next = lastNext(req, res, onError)): unknown {
    let target: Target | undefined;
    try {
      target = targetOf(req, res);
    } catch (error) {
      // A function of the options has thrown, so the error goes to the error handlers of the application.
      return next(error);
    }
    // When guards for the same target are nested, only the outer guard acts.
    if (target === undefined || isWithinRun(res, guard, target)) return handler(req, res, next);
    return respond(target, req, res, next);
  }

  function respondEarly(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean> {
    let target: Target | undefined;
    try {
      target = identify(req as Req);
    } catch {
      // The same function throws again when the request comes to the guard. That error is passed to `next`.
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
    // When the path names the asset, only the query distinguishes derivations.
    const rest = asset === undefined ? url.slice(name.length) : url;
    return {
      assets: [assetPrefix + name],
      derivation: derivation === undefined ? rest : derivation(req),
      version: undefined,
      isCached,
    };
  };
}

/**
 * @throws {TypeError} when `asset` has returned another type of value. As text, such values could all be the same name:
 * `[object Promise]`.
 */
function assetNameOf(name: unknown): string | undefined {
  if (name === undefined || typeof name === 'string') return name;
  throw new TypeError(
    `asset returned ${kindOfValue(name)}; it must return a string, or undefined for a request that is not guarded.`,
  );
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
